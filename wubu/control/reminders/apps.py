from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "wubu.control.reminders"
    label = "reminders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.reminders import uses
        from wubu.control.reminders.actions import SECTION
        from wubu.kernel.packs.actions import register
        from wubu.kernel.schema import uses as schema
        from wubu.kernel.types import Text

        schema.register(uses.finder)
        register(
            "reminders",
            SECTION.install,
            label=Text("提醒规则", "Reminders"),
            area=SECTION.area,
            export=SECTION.export,
            put=SECTION.put,
            retire=SECTION.retire,
            shape=SECTION.shape,
            needed=SECTION.needed,
        )
