"""The search index: FTS5 on SQLite, tsvector under GIN on PostgreSQL. Kept by the door, no triggers."""

from typing import Any

from django.db import migrations

SQLITE = """
CREATE VIRTUAL TABLE wubu_records_search USING fts5(
    tokens, tokenize="ascii tokenchars '_@'", detail=none, columnsize=0, prefix='3 4'
)
"""
POSTGRES = (
    """
CREATE TABLE wubu_records_search (
    object_key varchar(40) NOT NULL,
    record_id bigint NOT NULL,
    tokens tsvector NOT NULL,
    PRIMARY KEY (object_key, record_id)
)
""",
    "CREATE INDEX wubu_records_search_tokens ON wubu_records_search USING gin (tokens)",
)


def create(apps: Any, editor: Any) -> None:
    for statement in POSTGRES if editor.connection.vendor == "postgresql" else (SQLITE,):
        editor.execute(statement)


def drop(apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE wubu_records_search")


class Migration(migrations.Migration):
    dependencies = (("records", "0001_initial"),)
    operations = (migrations.RunPython(create, drop),)
