from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "wubu.measure.metrics"
    label = "metrics"
    default_auto_field = "django.db.models.BigAutoField"
