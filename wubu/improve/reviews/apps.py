from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "wubu.improve.reviews"
    label = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.improve.reviews.actions import on_closing
        from wubu.measure.ledger.events import subscribe

        subscribe(on_closing)
