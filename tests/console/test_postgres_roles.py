"""The roles of the embedded server, also of one that was created with the owner only."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from console import postgres

pytestmark = pytest.mark.xdist_group("embedded server")


def connect(server, role):
    return psycopg.connect(server.build_url(role), autocommit=True)


def test_the_application_cannot_become_the_owner(server):
    with connect(server, postgres.APPLICATION) as connection:
        rows = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, pg_has_role('console', 'member') "
            "FROM pg_roles WHERE rolname = current_user"
        )

        assert rows.fetchone() == (False, False, False, False)


@pytest.mark.parametrize(
    "statement", ["SELECT lo_create(0)", "SELECT lo_creat(0)", "SELECT lo_from_bytea(0, '')"]
)
def test_the_application_cannot_fill_the_disk_beside_the_tables(server, statement):
    with connect(server, postgres.APPLICATION) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_the_application_cannot_use_another_database(server, name):
    url = server.build_url(postgres.APPLICATION).replace("/console?", f"/{name}?")

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url)


def test_settings_that_the_application_gave_itself_end_with_the_next_start(server, embedded):
    with connect(server, postgres.APPLICATION) as connection:
        connection.execute("ALTER ROLE current_user SET statement_timeout = 7")
        connection.execute("ALTER ROLE current_user IN DATABASE console SET search_path = nowhere")
    embedded(server.data_dir).start()

    with connect(server, postgres.APPLICATION) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "stopped"])
def test_an_older_data_folder_gets_the_role(empty, embedded, is_running):
    server = embedded(empty)
    server.start(throw_away=True)
    with connect(server, "postgres") as superuser:
        superuser.execute("DROP ROLE console_app")
    lines = (server.cluster / "pg_ident.conf").read_text().splitlines(keepends=True)
    older = [line for line in lines if "console_app" not in line]
    (server.cluster / "pg_ident.conf").write_text("".join(older))
    if not is_running:
        server.stop()
    again = embedded(empty)
    again.start(throw_away=True)

    with connect(again, postgres.APPLICATION) as connection:
        assert connection.execute("SELECT current_user::text").fetchone() == ("console_app",)
