from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    name = "wubu.kernel.permissions"
    label = "permissions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel import hooks
        from wubu.kernel.people import events
        from wubu.kernel.permissions import wiring
        from wubu.kernel.permissions.queries import rights_of

        hooks.install(guard=wiring.guard, recorder=wiring.record, rights=rights_of)
        events.subscribe(wiring.people_changed)
