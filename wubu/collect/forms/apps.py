from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "wubu.collect.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.forms import packing, uses
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text

        schema.register(uses.finder)
        register(
            "forms",
            packing.install,
            label=Text("表单布局", "Form layouts"),
            area="objects",
            export=packing.export,
            apply=packing.apply,
            retire=packing.retire,
            normal=packing.normal,
        )
