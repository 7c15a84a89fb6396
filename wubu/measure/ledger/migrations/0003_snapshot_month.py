"""Apart from the filling before: PostgreSQL alters no table with pending changes of its rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_period_snapshot")]

    operations = [
        migrations.AlterField("PeriodSnapshot", "month", models.DateField()),
    ]
