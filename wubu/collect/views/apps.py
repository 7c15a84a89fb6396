from django.apps import AppConfig


class ViewsConfig(AppConfig):
    name = "wubu.collect.views"
    label = "views"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.views import jobs  # noqa: F401 - registers the jobs
        from wubu.collect.views.packing import install
        from wubu.kernel.packs.actions import register

        register("views", install)
