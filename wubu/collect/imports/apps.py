from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "wubu.collect.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.imports import jobs  # noqa: F401 - registers the jobs
