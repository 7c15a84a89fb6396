from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "wubu.motivate.points"
    label = "points"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text
        from wubu.motivate.points import uses
        from wubu.motivate.points.actions import SECTION

        schema.register(uses.finder)
        register(
            "points",
            SECTION.install,
            label=Text("积分规则", "Points"),
            area=SECTION.area,
            export=SECTION.export,
            put=SECTION.put,
            retire=SECTION.retire,
            shape={**SECTION.shape, "per": "any", "points": "any", "cap": "any"},
            needed=("metric", "points"),
        )
