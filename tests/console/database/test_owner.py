"""The role that the console works as, in a database that `manage.py migrate` has made."""

from __future__ import annotations

import shutil

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from console import postgres

from ..processes import Console, new_folder

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("embedded server")]
INSERT = """
    INSERT INTO accounts_auditevent (
        at, verb, outcome, reason, channel, actor_account_id, actor_account, actor, access_key_id,
        request_id, region, target_type, target_id, target_name, accounts, recipients, detail
    ) VALUES ({at}, 'record.added', 'done', '', 'system', '', '', '', '',
        '', '', '', '', '', '{{}}', '{{}}', '{{}}')
"""
LAST = "0025_unused_indexes"  # migration of accounts
UPDATE = "UPDATE accounts_auditevent SET actor = 'somebody else'"


def migrate(folder, **environment):
    run = Console(folder).manage("migrate", "--verbosity=0", **environment)
    output, _ = run.communicate()
    return run.returncode, output


@pytest.fixture(scope="module")
def migrated():
    """Yield the data folder of a running server, after `manage.py migrate`."""
    folder = new_folder()
    server = postgres.Embedded(folder)
    server.start(throw_away=True)
    assert migrate(folder) == (0, "")
    yield folder
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def application(migrated):
    url = postgres.get_url(migrated, postgres.APPLICATION)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_it_adds_to_the_trail_and_reads_it(application):
    application.execute(INSERT.format(at="now()"))

    assert application.execute("SELECT count(*) FROM accounts_auditevent").fetchone()[0] > 0


def test_it_works_with_the_other_tables(application):
    application.execute("DELETE FROM accounts_attempt")
    application.execute("SELECT accounts_add_months()")

    assert application.execute("UPDATE images_region SET code = code").rowcount == 6


@pytest.mark.parametrize(
    "statement",
    [
        UPDATE,
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent",
        "DELETE FROM accounts_auditevent_first",
        "SELECT FROM accounts_auditevent_first",
        "DROP TABLE accounts_auditevent",
        "ALTER TABLE accounts_auditevent DISABLE TRIGGER ALL",
        "ALTER TABLE accounts_auditevent DETACH PARTITION accounts_auditevent_first",
        "SELECT setval('accounts_auditevent_id_seq', 1)",
        "INSERT INTO accounts_accountevent VALUES (1, 'done', 'image.shared', now(), 1)",
        "UPDATE accounts_accountevent SET kind = 'foreign'",
        "DELETE FROM accounts_accountevent",
        "TRUNCATE accounts_accountevent",
        "UPDATE accounts_seal SET number = 2",
        "DELETE FROM accounts_seal",
        "TRUNCATE accounts_seal",
        "DELETE FROM django_migrations",
        "CREATE TABLE another (number int)",
        "CREATE TEMPORARY TABLE accounts_auditevent (id bigint)",
        "CREATE SCHEMA another",
        "CREATE OR REPLACE FUNCTION accounts_next_event() RETURNS bigint RETURN 1",
        "SET ROLE console",
        "SET session_replication_role = replica",
        INSERT.format(at="now() - interval '6 minutes'"),
        INSERT.format(at="now() + interval '6 minutes'"),
        INSERT.replace("at,", "at, id,", 1).format(at="now(), 7"),
    ],
)
def test_it_can_do_nothing_else(application, statement):
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement)


def test_it_owns_nothing(application):
    query = "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"

    assert application.execute(query).fetchall() == []


def test_a_trigger_keeps_the_owner_from_mistakes(migrated, application):
    application.execute(INSERT.format(at="now()"))

    with psycopg.connect(postgres.get_url(migrated)) as owner:
        with pytest.raises(InsufficientPrivilege), owner.transaction():
            owner.execute(UPDATE)
        with pytest.raises(InsufficientPrivilege), owner.transaction():
            owner.execute("DELETE FROM accounts_auditevent")


def test_the_trail_has_partitions_for_the_next_months(application):
    rows = application.execute(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'accounts_auditevent'::regclass"
    )

    assert rows.fetchone() == (5,)


def test_without_the_owner_nothing_can_be_migrated_that_is_missing(migrated, application):
    alone = {"DATABASE_URL": postgres.get_url(migrated, postgres.APPLICATION)}
    assert migrate(migrated, **alone) == (0, "")

    with psycopg.connect(postgres.get_url(migrated), autocommit=True) as owner:
        last = owner.execute("DELETE FROM django_migrations WHERE name = %s", [LAST])
        assert last.rowcount == 1
    status, output = migrate(migrated, **alone)
    with psycopg.connect(postgres.get_url(migrated), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', %s, now())",
            [LAST],
        )

    assert status == 1
    assert "Set MIGRATION_DATABASE_URL" in output
