from django.apps import AppConfig


class ImproveActionsConfig(AppConfig):
    name = "wubu.improve.actions"
    label = "improve_actions"
    default_auto_field = "django.db.models.BigAutoField"
