from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "wubu.kernel.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.events import delivery
        from wubu.kernel.jobs.registry import every_turn

        every_turn(delivery.run_due)
