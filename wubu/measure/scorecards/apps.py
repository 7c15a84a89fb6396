from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "wubu.measure.scorecards"
    label = "scorecards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.measure.ledger.events import subscribe
        from wubu.measure.scorecards.actions import freeze, install

        register("scorecards", install)
        subscribe(freeze)
