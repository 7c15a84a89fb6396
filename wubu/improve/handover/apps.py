from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "wubu.improve.handover"
    label = "improve_handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.improve.handover import jobs  # noqa: F401 - registers the jobs
