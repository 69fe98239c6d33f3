"""Exports take turns: one of each person, and a few of all people."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from accounts import exports
from accounts.actors import Actor, Channel
from accounts.models import AuditEvent, Role

from ..console.processes import until
from ..factories import (
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..locked import locked
from ..threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def export_call(account, by):
    def export():
        events = AuditEvent.objects.concerning(account)
        response = exports.export(events, "csv", reader=account, limit=10, by=by)
        response.close()
        return response.status_code

    return export


@contextmanager
def running(by, *, place):
    """Keep an export of this person running in another connection."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            for kind, name in ((exports.PERSON_LOCK, by.name), (exports.PLACE_LOCK, place)):
                cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [kind, name])
            yield
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()


def test_a_second_export_of_a_person_waits_for_the_first(actor_for):
    account, neighbor = AccountFactory.create_batch(2)
    mei, lin = actor_for(account), actor_for(neighbor)

    with running(mei, place="0"):
        with pytest.raises(exports.ExportRunning) as caught:
            export_call(account, mei)()
        of_somebody_else = export_call(neighbor, lin)()
    after = export_call(account, mei)()

    assert caught.value.retry_after == 5
    assert of_somebody_else == after == 200


def test_all_exports_together_take_an_eighth_of_the_request_threads(actor_for, settings):
    settings.WEB_WORKERS, settings.WEB_THREADS = 2, 8
    accounts = AccountFactory.create_batch(4)
    first, second, *others = map(actor_for, accounts)
    calls = [export_call(by.account, by) for by in others]

    with running(first, place="0"), running(second, place="1"):
        answers = at_once(*calls)

    assert refusals(answers) == [exports.TooManyExports] * 2
    assert not refusals(at_once(calls[0]))


def download(client, start):
    """Return the status of an export of the activity."""
    try:
        start.wait(timeout=30)
        answer = client.get("/bj/activity/export/csv/")
        answer.getvalue()
        return answer.status_code
    finally:
        connection.close()


def test_of_eight_exports_of_one_person_at_once_one_is_written():
    RegionFactory.create()
    mei, start = UserFactory.create(), threading.Barrier(8)
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(mei)

    with ThreadPoolExecutor(8) as pool:
        with locked("accounts_auditevent"):
            running = [pool.submit(download, client, start) for client in clients]
            until(lambda: sum(each.done() for each in running) >= 7)
        statuses = sorted(each.result() for each in running)

    assert statuses == [200] + [429] * 7


def test_the_pages_say_when_to_try_again(client, settings):
    settings.WEB_WORKERS, settings.WEB_THREADS = 1, 8
    RegionFactory.create()
    image = ImageFactory.create(image_id="m-golden00")
    ShareGrantFactory.create(image=image)
    operator = OperatorFactory.create(account=image.owner)
    client.force_login(operator)
    by = Actor(name=operator.username, account=None, role=Role.ADMIN, channel=Channel.CONSOLE)
    urls = (
        "/bj/activity/export/csv/?verb=image.shared",
        "/bj/images/m-golden00/recipients.csv",
        "/admin/accounts/auditevent/export/jsonl/",
    )

    with running(by, place="0"):
        pages = {url: client.get(url) for url in urls}

    for url, page in pages.items():
        assert page.status_code == 429
        assert page["Retry-After"] == "5"
        assert "Another export of yours is still being written." in page.content.decode()
        assert f'href="{url}"' in page.content.decode()
