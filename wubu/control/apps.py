from django.apps import AppConfig


class ControlConfig(AppConfig):
    name = "wubu.control"
    label = "control"

    def ready(self) -> None:
        from wubu.control.kinds import KINDS
        from wubu.kernel.packs.actions import declare

        for kind in KINDS:
            declare(kind)
