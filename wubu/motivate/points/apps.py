from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "wubu.motivate.points"
    label = "points"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.motivate.points.actions import install

        register("points", install)
