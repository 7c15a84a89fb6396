"""Roles keep their meaning: printing, copying and changing many went with seeing, creating and
editing before they were rights of their own.
"""

from django.db import migrations

BRINGS = {"view": "print", "create": "copy", "edit": "bulk_edit"}


def bring(apps, schema_editor):
    """One more grant beside each, on the same rows."""
    grants = apps.get_model("permissions", "Grant").objects
    rows = grants.filter(action__in=BRINGS).exclude(object_key__startswith="_")
    grants.bulk_create(
        grants.model(
            role_id=row.role_id,
            object_key=row.object_key,
            action=BRINGS[row.action],
            scope=row.scope,
            condition=row.condition,
        )
        for row in rows
    )


def take_back(apps, schema_editor):
    """Roles know these actions no more."""
    apps.get_model("permissions", "Grant").objects.filter(action__in=BRINGS.values()).delete()


class Migration(migrations.Migration):
    """What was implied is written down."""

    dependencies = (("permissions", "0002_shares"),)
    operations = (migrations.RunPython(bring, take_back),)
