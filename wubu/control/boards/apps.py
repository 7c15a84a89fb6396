from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "wubu.control.boards"
    label = "boards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.boards.totals import on_change, on_schema
        from wubu.control.boards.uses import finder
        from wubu.kernel.records.events import subscribe
        from wubu.kernel.schema import events as schema
        from wubu.kernel.schema.uses import register

        subscribe(on_change, rollups=True)
        schema.subscribe(on_schema)
        register(finder)
