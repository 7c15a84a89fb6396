from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "wubu.measure.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
