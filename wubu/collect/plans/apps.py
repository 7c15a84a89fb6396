from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "wubu.collect.plans"
    label = "collection_plans"

    def ready(self) -> None:
        from wubu.collect.plans import rules, uses
        from wubu.kernel.packs.actions import declare
        from wubu.kernel.schema import uses as schema

        schema.register(uses.finder)
        declare(rules.KIND)
