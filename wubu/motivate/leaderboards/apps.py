from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    name = "wubu.motivate.leaderboards"
    label = "leaderboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.measure.ledger.events import subscribe
        from wubu.motivate.leaderboards import keeping

        subscribe(keeping.on_closing)
