from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "wubu.control.boards"
    label = "boards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.control.boards.totals import on_change
        from wubu.kernel.records.events import subscribe

        subscribe(on_change, rollups=True)
