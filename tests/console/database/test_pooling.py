"""The console behind Debian's PgBouncer in transaction mode."""

from __future__ import annotations

import shutil
import time

import psycopg
import pytest
from django.db import connections

from console import database, postgres
from console.database import pooling
from console.database.base import DatabaseWrapper
from tests.console.processes import KEYS, new_folder, until
from tests.sdk.clients import MARKS, new_image
from tests.servers import AT_ONCE, Server
from tests.services import Visitor, pooled

pytestmark = [pytest.mark.processes, *MARKS]


@pytest.fixture(scope="module")
def embedded():
    folder = new_folder()
    server = postgres.Embedded(folder)
    server.start(throw_away=True)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module", params=["", "ignore_startup_parameters = options"])
def pooler(request, embedded):
    """Yield a function that returns the URL of a role, of PgBouncer as it is and as often set."""
    with pooled(embedded, request.param) as get_url:
        yield get_url
    pooling.refusing.clear()


@pytest.fixture
def wrapper(pooler, django_db_blocker):
    """Yield Django's connection, through PgBouncer."""
    usual = connections["default"]
    configured = usual.settings_dict | database.build_settings(pooler("console_app"))
    configured["OPTIONS"] = configured["OPTIONS"] | {"prepare_threshold": 0}
    connections["default"] = wrapper = DatabaseWrapper(configured, alias="default")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()
    connections["default"] = usual


def test_shared_sessions_are_recognized(wrapper, embedded):
    wrapper.ensure_connection()

    assert wrapper.connection.is_pooled
    with psycopg.connect(embedded.url) as direct:
        assert not pooling.is_pooled(direct)


def test_statements_are_not_prepared(wrapper):
    with wrapper.preparing_cursor() as cursor:
        for _ in range(10):  # in several sessions
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            assert cursor.fetchone() == (0,)


def test_the_limits_are_those_of_the_role_and_of_no_session(wrapper, embedded):
    reset(embedded, "RESET ALL")
    pooling.limit_role()
    wrapper.ensure_connection()
    wrapper.longest_lock = 0.2
    found = set()
    for _ in range(10):
        assert wrapper.is_usable()
        pooling.lift_limits()
        with wrapper.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'), "
                "current_setting('idle_in_transaction_session_timeout')"
            )
            found.add(cursor.fetchone())

    assert found == {("3s", "3500ms", "15s")}


def test_the_limits_that_a_role_has_stay(wrapper, embedded):
    reset(embedded, "SET lock_timeout = '1s'")
    pooling.limit_role()

    with wrapper.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("1s",)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("3500ms",)


def reset(embedded, change):
    """Change the settings of the role, and end its sessions, which have the former ones."""
    with psycopg.connect(embedded.build_url("postgres"), autocommit=True) as superuser:
        for each in ("RESET ALL", change):
            superuser.execute(f"ALTER ROLE console_app IN DATABASE console {each}")
        superuser.execute(END)
        until(lambda: not superuser.execute(SESSIONS).rowcount)
    time.sleep(0.2)  # for PgBouncer to learn of it


SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename = 'console_app'"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'console_app'"


def test_the_console_works_with_a_second_server(pooler):
    settings = {
        "DATABASE_URL": pooler("console_app"),
        "MIGRATION_DATABASE_URL": pooler("console"),
        "WEB_WORKERS": "1",
        **KEYS,
        **AT_ONCE,
    }
    folders = [new_folder(), new_folder()]
    first, second = (Server(folder, **settings) for folder in folders)
    try:
        first.up()
        shutil.copytree(folders[0] / "static", folders[1] / "static")
        started_at = time.monotonic()
        second.up()
        assert time.monotonic() - started_at < 30  # nobody holds the lock of migrations
        owner, recipient = first.make_accounts([f"owner-{first.port}", f"other-{first.port}"])
        image = new_image(first.client(owner))
        with Visitor(second.url, owner.account) as visitor:
            fields = {"accounts": recipient.account, "acknowledged": "on"}
            shared = visitor.submit(f"/bj/images/{image}/share/", **fields)
            exported = visitor.get("/bj/activity/export/csv/")
        seen = second.client(recipient).get_image(image)
    finally:
        for server, folder in ((first, folders[0]), (second, folders[1])):
            server.stop()
            failures = server.failures() if server.log.exists() else []
            shutil.rmtree(folder)
            assert failures == []

    assert (shared.status_code, exported.status_code) == (303, 200)
    assert exported.text.count(image) >= 2  # created and shared
    assert seen.image.type == "Sharing"
