from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "wubu.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Only now: models cannot be imported before every app is known.
        from wubu.kernel.records import events
        from wubu.web import live

        events.announce(live.notify)
