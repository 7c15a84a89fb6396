from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "wubu.collect.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.forms import actions
        from wubu.kernel.packs.actions import register

        register("forms", actions.install)
