from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "wubu.motivate.points"
    label = "points"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel import past
        from wubu.measure.ledger.events import subscribe
        from wubu.motivate.points import effects, keeping

        past.register(effects.moved)
        subscribe(keeping.on_closing)
