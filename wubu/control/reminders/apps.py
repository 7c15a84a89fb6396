from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "wubu.control.reminders"
    label = "reminders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.reminders import uses
        from wubu.kernel.schema import uses as schema

        schema.register(uses.finder)
