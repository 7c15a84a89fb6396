from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "wubu.kernel.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"
