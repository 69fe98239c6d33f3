"""The roles of the embedded server, also of one that was created with the owner only."""

from __future__ import annotations

import psycopg
import pytest

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
