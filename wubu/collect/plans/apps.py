from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "wubu.collect.plans"
    label = "collection_plans"

    def ready(self) -> None:
        from wubu.collect.plans import uses
        from wubu.collect.plans.rules import SECTION
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text

        schema.register(uses.finder)
        register(
            "collection",
            SECTION.install,
            label=Text("采集计划", "Collection plans"),
            area=SECTION.area,
            export=SECTION.export,
            put=SECTION.put,
            retire=SECTION.retire,
            shape=SECTION.shape,
            needed=SECTION.needed,
        )
