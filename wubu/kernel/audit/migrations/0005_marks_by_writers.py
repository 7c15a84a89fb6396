from django.db import migrations, models


class Migration(migrations.Migration):
    """Marks say who was writing. They are notes between two runs: the old ones are dropped."""

    dependencies = [("audit", "0004_causes")]

    operations = [
        migrations.DeleteModel(name="Mark"),
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("last_id", models.BigIntegerField()),
                ("writers", models.JSONField()),
            ],
            options={"db_table": "wubu_audit_mark"},
        ),
    ]
