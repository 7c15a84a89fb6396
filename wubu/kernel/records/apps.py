from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "wubu.kernel.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel.records import jobs  # noqa: F401 (jobs register themselves)
        from wubu.kernel.records.indexing.reindexing import on_schema
        from wubu.kernel.schema.events import subscribe

        subscribe(on_schema)
