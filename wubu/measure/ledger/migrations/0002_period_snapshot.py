"""What a closing keeps is a snapshot of every month that it closes."""

from django.db import migrations, models


def months(apps, schema_editor):
    """Until now a closing kept the month that it is named after, and no other."""
    close, snapshot = (apps.get_model("ledger", n) for n in ("PeriodClose", "PeriodSnapshot"))
    month = close.objects.filter(pk=models.OuterRef("close_id")).values("month")[:1]
    snapshot.objects.update(month=models.Subquery(month))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RenameModel("Standing", "PeriodSnapshot"),
        migrations.AlterModelTable("PeriodSnapshot", "wubu_ledger_snapshot"),
        migrations.AddField("PeriodSnapshot", "month", models.DateField(null=True)),
        migrations.AlterField(
            "PeriodSnapshot",
            "close",
            models.ForeignKey(
                on_delete=models.CASCADE, related_name="snapshots", to="ledger.periodclose"
            ),
        ),
        migrations.RunPython(months, migrations.RunPython.noop),
    ]
