"""What holds from a day is no longer a column of the team. A migration of its own: PostgreSQL lets
no table change in the transaction that has just filled another from it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0004_team_versions")]

    operations = [
        migrations.RemoveField("team", "parent"),
        migrations.RemoveField("team", "leader"),
        migrations.RemoveField("team", "is_active"),
    ]
