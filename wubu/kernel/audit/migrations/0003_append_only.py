"""The database itself refuses to change or delete a change of the log."""

from django.db import migrations

TABLE = "wubu_audit_change"
SQLITE = [
    f"""CREATE TRIGGER wubu_audit_no_{verb.lower()} BEFORE {verb} ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'the log is only appended to'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION wubu_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log is only appended to'; END $$""",
    f"""CREATE TRIGGER wubu_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION wubu_audit_refuse()""",
]


def guard(apps, schema_editor):
    # A later migration that makes SQLite copy the table has to call this again.
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER wubu_audit_no_update")
        schema_editor.execute("DROP TRIGGER wubu_audit_no_delete")
    else:
        schema_editor.execute(f"DROP TRIGGER wubu_audit_append_only ON {TABLE}")
        schema_editor.execute("DROP FUNCTION wubu_audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_seals")]
    operations = [migrations.RunPython(guard, unguard)]
