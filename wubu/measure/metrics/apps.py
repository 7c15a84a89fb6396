from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "wubu.measure.metrics"
    label = "metrics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.definitions import references
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text
        from wubu.measure.metrics import portable, uses
        from wubu.measure.metrics.actions import install
        from wubu.measure.metrics.definition import METRICS
        from wubu.measure.metrics.lookup import divisible, labels
        from wubu.measure.metrics.uses import touched

        references.register(
            "metric",
            Text("指标", "metric"),
            lambda: labels(hidden=True, retired=True),
            offered=labels,
            touched=touched,
        )
        references.register(
            "divisible", Text("可以相除的指标", "metric that can be divided"), divisible
        )
        schema.register(uses.finder)
        register(
            "metrics",
            install,
            label=Text("指标", "Metrics"),
            area="metrics",
            export=portable.export,
            apply=portable.apply,
            retire=portable.retire,
            normal=portable.normal,
            definition=METRICS,
        )
