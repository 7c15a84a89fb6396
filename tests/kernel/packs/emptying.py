"""A workspace as it is before any pack was installed: no objects, roles or rules."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, transaction

from wubu.kernel.catalog.actions import store
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.workspace import unit_of_work

MODELS = (
    *("metrics.MetricVersion", "metrics.Metric", "scorecards.Weights", "scorecards.Scorecard"),
    *("rules.RuleVersion", "permissions.MemberRole", "permissions.Grant"),
    *("views.View", "forms.LayoutVersion", "forms.Layout", "packs.PackChange"),
    *("permissions.FieldGrant", "permissions.Role", "packs.InstalledPack"),
    *("catalog.FieldRow", "catalog.ObjectRow"),
)


def empty() -> None:
    """Take everything out that was configured, tables included."""
    with unit_of_work():
        models = [o.model for o in snapshot() if o.model is not None]
        pairs = [f.remote_field.through for m in models for f in m._meta.local_many_to_many]
    with connection.schema_editor() as editor:
        for model in (*pairs, *models):
            cascade = " CASCADE" if connection.vendor == "postgresql" else ""
            editor.execute(f"DROP TABLE {editor.quote_name(model._meta.db_table)}{cascade}")
    with unit_of_work(), transaction.atomic():
        for label in MODELS:
            apps.get_model(label)._default_manager.all().delete()
        store(())
