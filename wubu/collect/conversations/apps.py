from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "wubu.collect.conversations"
    label = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.collect.conversations import notifying
        from wubu.kernel.permissions import sharing
        from wubu.kernel.records.events import on_purge, subscribe

        subscribe(notifying.on_change)
        sharing.subscribe(notifying.on_share)
        on_purge(notifying.on_purge)
