from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "wubu.collect.plans"
    label = "collection_plans"

    def ready(self) -> None:
        from wubu.collect.plans import rules
        from wubu.kernel.packs.actions import declare

        declare(rules.KIND)
