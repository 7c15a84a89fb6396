from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    name = "wubu.motivate.leaderboards"
    label = "leaderboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.motivate.leaderboards.actions import install

        register("leaderboards", install)
