from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    name = "wubu.motivate.leaderboards"
    label = "leaderboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text
        from wubu.motivate.leaderboards import uses
        from wubu.motivate.leaderboards.actions import SECTION

        schema.register(uses.finder)
        register(
            "leaderboards",
            SECTION.install,
            label=Text("排行榜", "Leaderboards"),
            area=SECTION.area,
            export=SECTION.export,
            put=SECTION.put,
            retire=SECTION.retire,
            shape=SECTION.shape,
            needed=("label", "source"),
        )
