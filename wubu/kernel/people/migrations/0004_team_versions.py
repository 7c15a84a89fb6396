"""The tree of teams is dated: what stood of each team so far holds since ever."""

from datetime import date

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def since_ever(apps, schema_editor):
    team, version = (apps.get_model("people", name) for name in ("Team", "TeamVersion"))
    version.objects.bulk_create(
        version(
            team_id=row.pk,
            from_day=date.min,
            name=row.name,
            parent_id=row.parent_id,
            leader_id=row.leader_id,
            is_active=row.is_active,
        )
        for row in team.objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0003_member_plus")]

    operations = [
        migrations.AddField("team", "created_on", models.DateField(null=True)),
        migrations.CreateModel(
            name="TeamVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_day", models.DateField()),
                ("to_day", models.DateField(blank=True, null=True)),
                ("name", models.CharField(max_length=150)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "leader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="people.team",
                    ),
                ),
            ],
            options={
                "db_table": "wubu_people_team_version",
                "indexes": [
                    models.Index(fields=["parent", "from_day"], name="people_team_version_parent")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "from_day"), name="people_team_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_day__isnull", True),
                            ("to_day__gt", models.F("from_day")),
                            _connector="OR",
                        ),
                        name="people_team_version_forward",
                    ),
                ],
            },
        ),
        migrations.RunPython(since_ever, migrations.RunPython.noop, elidable=False),
    ]
