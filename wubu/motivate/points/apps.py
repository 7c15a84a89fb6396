from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "wubu.motivate.points"
    label = "points"
    default_auto_field = "django.db.models.BigAutoField"
