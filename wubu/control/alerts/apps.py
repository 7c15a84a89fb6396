from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "wubu.control.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.alerts import actions, jobs, sweeping, uses  # noqa: F401 (jobs register themselves)
        from wubu.kernel.packs.actions import register
        from wubu.kernel.records.events import on_purge, subscribe
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text

        subscribe(sweeping.on_change, rollups=True)
        on_purge(sweeping.on_purge)
        schema.register(uses.finder)
        register(
            "alerts",
            actions.install,
            label=Text("预警规则", "Alerts"),
            area="alerts",
            export=actions.SECTION.export,
            put=actions.put,
            retire=actions.retire,
            shape=actions.SECTION.shape,
            needed=actions.SECTION.needed,
        )
