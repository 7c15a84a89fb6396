from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "wubu.control.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.alerts import actions, jobs, sweeping  # noqa: F401 (jobs register themselves)
        from wubu.kernel.packs.actions import register
        from wubu.kernel.records.events import subscribe

        subscribe(sweeping.on_change, rollups=True)
        register("alerts", actions.install)
