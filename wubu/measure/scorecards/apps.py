from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "wubu.measure.scorecards"
    label = "scorecards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel import past
        from wubu.kernel.definitions import references
        from wubu.kernel.packs.actions import register
        from wubu.kernel.types import Text
        from wubu.measure.ledger.events import subscribe
        from wubu.measure.scorecards import effects, portable
        from wubu.measure.scorecards.actions import freeze
        from wubu.measure.scorecards.definition import CARD
        from wubu.measure.scorecards.queries import labels

        references.register("scorecard", Text("评分卡", "scorecard"), labels)
        register(
            "scorecards",
            portable.install,
            label=Text("评分卡", "Scorecards"),
            area="scorecards",
            export=portable.export,
            apply=portable.apply,
            retire=portable.retire,
            normal=portable.normal,
            definition=CARD,
        )
        past.register(effects.moved)
        subscribe(freeze)
