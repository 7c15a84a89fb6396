from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "wubu.measure.metrics"
    label = "metrics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema.events import subscribe
        from wubu.measure.ledger.actions import on_schema
        from wubu.measure.metrics.actions import install

        register("metrics", install)
        subscribe(on_schema)
