from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "wubu.control.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.alerts import evaluating, jobs, rules  # noqa: F401 (jobs register themselves)
        from wubu.kernel.definitions import kinds
        from wubu.kernel.records.events import on_purge, subscribe

        subscribe(evaluating.on_change, rollups=True)
        on_purge(evaluating.on_purge)
        kinds.subscribe(rules.SECTION, evaluating.rules_changed)
