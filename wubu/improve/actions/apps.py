from django.apps import AppConfig


class ImproveActionsConfig(AppConfig):
    name = "wubu.improve.actions"
    label = "improve_actions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.improve.actions.queries import counts
        from wubu.improve.reviews.queries import count_with

        count_with(counts)
