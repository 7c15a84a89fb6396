from django.apps import AppConfig


class ViewsConfig(AppConfig):
    name = "wubu.collect.views"
    label = "views"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.views import jobs, packing, sharing, uses  # noqa: F401 - registers the jobs
        from wubu.collect.views.definition import VIEWS
        from wubu.kernel.packs.actions import register
        from wubu.kernel.permissions.sharing import answer_for
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text

        answer_for(sharing.KIND, sharing.may)
        schema.register(uses.finder)
        register(
            "views",
            packing.install,
            label=Text("视图", "Views"),
            area="objects",
            export=packing.export,
            apply=packing.apply,
            retire=packing.retire,
            normal=packing.normal,
            definition=VIEWS,
        )
