"""The two roles of the database: the owner of the tables migrates them, the application uses them.

The application can read the audit trail and add to it. It can't change or remove what is there,
and it can't change a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg.sql import SQL, Identifier

LOGIN = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
# What the application may do with some tables
PRIVILEGES = {
    # {columns} are all but the ID, which the database gives (accounts/sealing.py)
    "accounts_accountevent": "SELECT",
    "accounts_auditevent": "SELECT, INSERT ({columns})",
    "accounts_seal": "SELECT, INSERT",
    "django_migrations": "SELECT",
}
# Partitions are left out: they are reached through their table
TABLES = """
    SELECT relname, (
        SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attname <> 'id'
    )
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
        AND NOT relispartition AND pg_get_userbyid(relowner) = current_user
"""
OTHERS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "GRANT EXECUTE ON FUNCTION accounts_add_months TO {role}",
    # A temporary table would hide a real one from its session.
    "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
)


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the tables, if that is another role than the application's.

    Inside a transaction, the connection stays as it is.
    """
    login = {name: (settings.OWNER_DATABASE or {}).get(name) for name in LOGIN}
    before = connection.settings_dict
    is_owner = not settings.OWNER_DATABASE or all(before[name] == login[name] for name in LOGIN)
    if is_owner or connection.in_atomic_block:
        yield
        return
    connection.close()
    connection.settings_dict = before | login
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


def grant_to_application(**_: Any) -> None:
    """Give the application's role its privileges, after each migration."""
    role = settings.DATABASES["default"]["USER"]
    if settings.OWNER_DATABASE and role != settings.OWNER_DATABASE["USER"]:
        grant(role)


def grant(role: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = cursor.fetchone()
        names = {
            "schema": Identifier(schema),
            "database": Identifier(database),
            "role": Identifier(role),
        }
        cursor.execute(TABLES)
        for table, columns in cursor.fetchall():
            privileges = PRIVILEGES.get(table, EVERYTHING).format(columns=columns)
            names["table"] = Identifier(table)
            cursor.execute(SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
            cursor.execute(SQL(f"GRANT {privileges} ON {{table}} TO {{role}}").format(**names))
        for statement in OTHERS:
            cursor.execute(SQL(statement).format(**names))
