"""Lists are read from a real streaming standby, by two servers."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import ExitStack

import psycopg
import pytest
import requests

from accounts.standby import REPLAYED, WRITTEN, Watch
from console import postgres
from tests.console.processes import KEYS, new_folder, until
from tests.factories import PASSWORD
from tests.sdk.clients import MARKS
from tests.servers import AT_ONCE, Server
from tests.services import Visitor
from tests.standby import Standby

pytestmark = [pytest.mark.processes, *MARKS]

NAMES = ("owner", "recipient", "quiet")
MAKE = """
from django.contrib.auth.hashers import make_password
from accounts.models import Account, User
from images.models import Region
from tests.factories import ImageFactory
for account in Account.objects.filter(name__in={names!r}):
    region = Region.objects.get(code="bj")
    ImageFactory.create(owner=account, region=region, name=f"{{account.name}}-1")
User.objects.create(
    username="chief", is_staff=True, is_superuser=True, password=make_password({password!r})
)
"""
# As if everything was long ago, and as if nothing had happened
AGE = """
SET session_replication_role = replica;
UPDATE accounts_accountevent SET at = at - interval '1 hour';
UPDATE accounts_auditevent SET at = at - interval '1 hour';
"""
FORGET = """
SET session_replication_role = replica;
DELETE FROM accounts_accountevent;
DELETE FROM accounts_auditevent;
"""
RENAME = "UPDATE images_image SET name = replace(name, '-1', '-2')"
READING = """
SELECT count(*) FROM pg_stat_activity
WHERE query LIKE '%"images_image"%' AND pid != pg_backend_pid()
"""
LONG = "600"


@pytest.fixture(scope="module")
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def standby(stack):
    folder = new_folder()
    stack.callback(shutil.rmtree, folder)
    primary = postgres.Embedded(folder)
    stack.callback(primary.stop)
    primary.start(throw_away=True)
    standby = Standby(primary, is_synchronous=False)
    standby.start()
    stack.callback(standby.stop)
    return standby


@pytest.fixture(scope="module")
def start(stack, standby):
    """Return a function that starts a console with one request thread."""

    def start(longest_lag=LONG, static_of=None):
        folder = new_folder()
        stack.callback(shutil.rmtree, folder)
        if static_of:  # collectstatic takes seconds
            shutil.copytree(static_of.folder / "static", folder / "static")
        urls = {
            "DATABASE_URL": standby.primary.build_url(postgres.APPLICATION),
            "MIGRATION_DATABASE_URL": standby.primary.build_url(postgres.OWNER),
            "REPLICA_DATABASE_URL": standby.server.build_url(postgres.APPLICATION),
        }
        few = {"WEB_WORKERS": "1", "WEB_THREADS": "1", "REPLICA_MAX_LAG_SECONDS": longest_lag}
        server = Server(folder, **urls, **few, **KEYS, **AT_ONCE)
        stack.callback(server.stop)
        server.up()
        return server

    return start


@pytest.fixture(scope="module")
def pair(start):
    first = start()
    return first, start(static_of=first)


@pytest.fixture(scope="module")
def tenants(pair):
    tenants = pair[0].make_accounts(NAMES)
    pair[0].manage("shell", "-v", "0", "-c", MAKE.format(names=NAMES, password=PASSWORD))
    return dict(zip(NAMES, tenants, strict=True))


def list_names(server, tenant, kind="Custom"):
    return [image.name for image in server.client(tenant).list_images(kind).images]


@pytest.fixture
def paused(standby, pair, tenants):
    """Have the standby show what was there before nothing happened for long, and new names."""
    standby.ask(standby.primary, "UPDATE images_image SET name = replace(name, '-2', '-1')")
    standby.ask(standby.primary, FORGET)
    standby.catch_up()

    def is_read():
        for server in pair:
            list_names(server, tenants["quiet"])
        return standby.ask(standby.server, READING) == (2,)

    until(is_read)
    standby.pause()
    standby.ask(standby.primary, RENAME)
    yield
    standby.ask(standby.server, "SELECT pg_wal_replay_resume()")


def is_ready(server):
    return requests.get(f"{server.url}/readyz", timeout=5).text


def count_lines(server, event):
    lines = [json.loads(each) for each in server.log.read_text().splitlines() if each[:1] == "{"]
    return sum(line["event"] == event for line in lines)


def test_who_changes_something_reads_it_on_every_server_others_read_from_the_standby(
    paused, pair, tenants
):
    owner, recipient, quiet = (tenants[name] for name in NAMES)
    before = [list_names(server, quiet) for server in pair]
    (image,) = pair[0].client(owner).list_images("Custom").images
    pair[0].client(owner).share_image(image.id, account=recipient.account)

    assert before == [["quiet-1"]] * 2
    for server in pair:
        assert list_names(server, owner) == ["owner-2"]
        assert list_names(server, recipient, "Sharing") == ["owner-2"]
        (user,) = server.client(owner).list_shared_user(image.id).users
        assert user.account == recipient.account
        assert list_names(server, quiet) == ["quiet-1"]
    pair[1].client(owner).unshare_image(image.id, account=recipient.account)
    assert list_names(pair[0], recipient, "Sharing") == []


def test_pages_exports_and_the_administration_are_read_from_the_standby(
    paused, pair, tenants, standby
):
    with Visitor(pair[0].url, "quiet") as person, Visitor(pair[1].url, "chief") as operator:
        standby.ask(standby.primary, AGE)
        pages = ["/bj/images/", "/bj/activity/", "/bj/instances/", "/bj/inbox/", "/bj/"]
        texts = [person.get(path).text for path in pages]
        admin = operator.get("/admin/images/image/").text
        # An export is an event, so the second one is after a change.
        exports = [person.get("/bj/activity/export/csv/?sign_ins=on").text for _ in range(2)]
        trails = [operator.get("/admin/accounts/auditevent/export/jsonl/").text for _ in range(2)]
        changed = person.get("/bj/images/").text

    assert "quiet-1" in texts[0]
    assert "quiet-2" not in texts[0]
    assert all("quiet" in text for text in texts)
    assert "quiet-1" in admin
    # The standby has no events, because they were forgotten before it was paused.
    assert [len(text.splitlines()) > 1 for text in exports] == [False, True]
    assert [bool(text) for text in trails] == [False, True]
    assert "quiet-2" in changed


@pytest.mark.parametrize("fault", ["kill", "suspend"])
def test_a_standby_that_is_away_is_left_out_without_a_failed_page(
    paused, pair, tenants, standby, fault
):
    before = [count_lines(server, "standby_left_out") for server in pair]
    getattr(standby, fault)()
    names = [list_names(server, tenants["quiet"]) for server in pair for _ in range(5)]
    until(lambda: [is_ready(server) for server in pair] == ["ready\nstandby left out\n"] * 2)
    lines = [count_lines(server, "standby_left_out") for server in pair]
    (standby.run if fault == "kill" else standby.resume)()
    until(standby.server.is_answering)
    standby.ask(standby.server, "SELECT pg_wal_replay_resume()")
    until(lambda: [is_ready(server) for server in pair] == ["ready\n"] * 2)

    assert names == [["quiet-2"]] * 10
    assert lines == [number + 1 for number in before]
    assert not any(server.failures() for server in pair)


def test_a_standby_that_is_too_far_behind_is_left_out(paused, start, pair, tenants, standby):
    server = start("1", static_of=pair[0])
    until(lambda: is_ready(server) == "ready\nstandby left out\n")

    assert list_names(server, tenants["quiet"]) == ["quiet-2"]
    assert "more than 1 seconds behind" in server.log.read_text()


def test_another_database_of_the_same_servers_is_no_standby(standby):
    answers = []
    for server, question in ((standby.primary, WRITTEN), (standby.server, REPLAYED)):
        for name in ("console", "postgres"):
            with psycopg.connect(server.build_url("postgres"), dbname=name) as superuser:
                answers += [database for database, _position in superuser.execute(question)]

    assert answers[:2] == answers[2:]
    assert answers[0] != answers[1]


@pytest.mark.parametrize(
    ("database", "replayed", "is_near"),
    [("7", 200, True), ("7", 199, False), ("7", None, False), ("8", 300, False)],
)
def test_of_several_standbys_each_must_be_near(database, replayed, is_near):
    now = time.monotonic()
    watch = Watch()
    watch.database, watch.marks = "7", ((now - 60, 100), (now, 200))

    assert watch.accepts(database, replayed) is is_near
