from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "wubu.control.reminders"
    label = "reminders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.reminders.actions import install
        from wubu.kernel.packs.actions import register

        register("reminders", install)
