from django.apps import AppConfig


class MotivateConfig(AppConfig):
    name = "wubu.motivate"
    label = "motivate"

    def ready(self) -> None:
        from wubu.kernel.packs.actions import declare
        from wubu.motivate.kinds import KINDS

        for kind in KINDS:
            declare(kind)
