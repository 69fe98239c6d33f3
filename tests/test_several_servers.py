"""Two servers on one database behind Debian's nginx, which gives requests to both in turn."""

from __future__ import annotations

import json
import threading
import time
from itertools import count

import psutil
import pytest
from baidubce.exception import BceHttpClientError
from baidubce.services.bcc.bcc_client import BccClient

from tests.sdk.clients import MARKS, new_image, new_instance
from tests.servers import AT_ONCE
from tests.services import Visitor, balanced

pytestmark = MARKS


@pytest.fixture(scope="module")
def pair(start):
    """Start two servers, as behind a proxy."""
    settings = {"TRUSTED_PROXIES": "1", "WEB_WORKERS": "1", **AT_ONCE}
    first = start(**settings)
    first.manage("seed_demo", "--yes")
    return first, start(static_of=first, **settings)


@pytest.fixture(scope="module")
def url(pair):
    with balanced(*[server.port for server in pair]) as url:
        yield url


@pytest.fixture
def tenants(pair):
    """Return two new accounts."""
    return pair[0].make_accounts([f"{next(NAMES)}-{pair[0].port}" for _ in range(2)])


NAMES = (f"several-{number}" for number in count())


def count_requests(server, path):
    lines = [json.loads(each) for each in server.log.read_text().splitlines() if each[:1] == "{"]
    return sum(line.get("path") == path for line in lines)


def test_a_session_works_on_both_and_so_do_its_messages(pair, url, tenants):
    owner, recipient = tenants
    image = new_image(pair[0].client(owner, endpoint=url))
    with Visitor(url, owner.account) as visitor:
        fields = {"accounts": recipient.account, "acknowledged": "on"}
        shared = visitor.submit(f"/bj/images/{image}/share/", **fields)
        page = visitor.get("/bj/images/").text
        path = f"/bj/images/{image}/"
        statuses = [visitor.get(path).status_code for _ in range(10)]

    assert shared.status_code == 303
    assert f"golden is now shared with {recipient.account}." in page
    assert statuses == [200] * 10
    assert [count_requests(server, path) for server in pair] == [5, 5]


def test_calls_are_repeated_and_signed_on_either(pair, url, tenants):
    owner, recipient = tenants
    client = pair[0].client(owner, endpoint=url)
    image = new_image(client)
    client.share_image(image, account=recipient.account)
    instances = {new_instance(client, client_token="once", wait=False) for _ in range(4)}

    assert len(instances) == 1
    for server in pair:
        assert server.client(recipient).get_image(image).image.type == "Sharing"


def test_wrong_passwords_are_counted_together(pair, url, tenants):
    owner, _ = tenants
    with Visitor(url, owner.account, password="wrong") as visitor:
        wrong = {"username": owner.account, "password": "wrong"}
        statuses = [visitor.submit("/sign-in/", **wrong).status_code for _ in range(10)]

    assert statuses == [422] * 9 + [429]  # the visitor tried once before


def test_both_export_the_same(pair, url, tenants):
    owner, _ = tenants
    with Visitor(url, owner.account) as visitor:
        paths = ("/bj/activity/export/csv/", "/bj/activity/export/jsonl/")
        exports = [[visitor.get(path).text for _ in range(2)] for path in paths]

    for one, other in exports:
        for line in one.splitlines():
            assert line in other


def test_a_server_that_is_killed_takes_along_only_what_it_was_answering(pair, url, tenants):
    owner, recipient = tenants
    image = new_image(pair[0].client(owner, endpoint=url))
    calls, stopping = [], threading.Event()

    def load(account, *methods):
        client = pair[0].client(account, endpoint=url)
        for number in count():
            if stopping.is_set():
                return
            started_at, status = time.monotonic(), 200
            try:
                methods[number % len(methods)](client)
            except BceHttpClientError as error:
                status = error.status_code
            calls.append((started_at, status))

    def share(client):
        client.share_image(image, account=recipient.account)

    def unshare(client):
        client.unshare_image(image, account=recipient.account)

    works = [(owner, share, unshare)] * 2 + [(recipient, BccClient.list_images)] * 6
    threads = [threading.Thread(target=load, args=work) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(2)
    kill(pair[1])
    ended_at = time.monotonic()
    time.sleep(3)
    stopping.set()
    for thread in threads:
        thread.join()

    failed = [started_at for started_at, status in calls if status is None or status >= 500]
    assert max(failed, default=0) < ended_at
    assert len(failed) <= 8  # one of each thread
    assert sum(started_at > ended_at for started_at, _ in calls) > 20


def kill(server):
    """Kill the server with all its processes, and wait until they have ended."""
    supervisor = psutil.Process(server.run.pid)
    processes = [supervisor, *supervisor.children(recursive=True)]
    for process in processes:
        process.kill()
    server.run.wait()
    psutil.wait_procs(processes[1:])
