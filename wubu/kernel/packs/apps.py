from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "wubu.kernel.packs"
    label = "packs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.packs.content.sections import register
        from wubu.kernel.permissions import portable
        from wubu.kernel.types import Text

        register(
            "roles",
            portable.install,
            label=Text("角色与权限", "Roles and rights"),
            area="roles",
            export=portable.export,
            apply=portable.apply,
            retire=portable.retire,
            normal=portable.normal,
        )
