from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "wubu.measure.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wubu.kernel import past
        from wubu.kernel.people import events as people
        from wubu.kernel.records import events as records
        from wubu.kernel.schema import events as schema
        from wubu.measure.ledger import (
            effects,
            jobs,  # noqa: F401 (jobs register themselves)
            store,
        )
        from wubu.measure.ledger.actions import on_people, on_schema, rebuild
        from wubu.measure.ledger.posting import on_change
        from wubu.measure.metrics import events as metrics

        past.install(store.open_from)
        past.register(effects.moved)
        records.subscribe(on_change, rollups=True)
        people.subscribe(on_people)
        schema.subscribe(on_schema)
        metrics.subscribe(rebuild)
