from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "wubu.measure.scorecards"
    label = "scorecards"
    default_auto_field = "django.db.models.BigAutoField"
