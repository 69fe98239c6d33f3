"""Clients that all come at once, to two processes of the server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from baidubce.exception import BceHttpClientError

from .clients import MARKS, ids, new_image, new_instance, public_image

pytestmark = MARKS


@pytest.fixture(scope="module", autouse=True)
def no_rule_is_broken(server):
    """Check the rules after these tests, in the database of the server (tests/invariants.py)."""
    yield
    server.manage("check_invariants")  # which fails if a rule is broken


def at_once(calls):
    """Make all calls at the same moment, and answer what each gave or was refused with."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except BceHttpClientError as error:
            return error.status_code, error.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_last_of_fifty_places(server, tenants):
    owner, *recipients = tenants(70)
    a = server.client(owner)
    image = new_image(a)
    for recipient in recipients[:49]:
        a.share_image(image, account_id=recipient.account_id)
    answers = at_once(
        [
            partial(server.client(owner).share_image, image, account_id=recipient.account_id)
            for recipient in recipients[49:]
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, tuple)]
    assert len(answers) == 20
    assert refused == [(413, "Image.ExceedSharedToUserNumQuota")] * 19
    assert a.get_image(image).image.shared_to_user_num == 50
    assert len(a.list_shared_user(image).users) == 50
    owners = [recipients[49 + n] for n, each in enumerate(answers) if not isinstance(each, tuple)]
    (winner,) = owners
    assert ids(server.client(winner).list_images("Sharing").images) == [image]


def test_last_of_twenty_places_of_a_recipient(server, tenants):
    *owners, recipient = tenants(13)
    clients = [server.client(owner) for owner in owners]
    images = [new_image(client) for client in clients]
    for number in range(19 - 8):
        clients[number].share_image(images[number], account=recipient.account)
    more = [new_image(client) for client in clients]
    answers = at_once(
        [
            partial(client.share_image, image, account=recipient.account)
            for client, image in zip(clients, more, strict=True)
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, tuple)]
    assert refused == [(413, "Image.ExceedAcceptSharedImageNumQuota")] * 3
    assert len(server.client(recipient).list_images("Sharing").images) == 20


def test_one_token_is_one_instance(server, tenant):
    client = server.client(tenant)
    image = public_image(client)
    made = at_once(
        [
            partial(
                new_instance, server.client(tenant), image, wait=False, client_token="one-and-only"
            )
            for _ in range(12)
        ]
    )

    assert len(set(made)) == 1
    assert ids(client.list_instances().instances) == made[:1]


def test_image_is_unshared_while_it_is_used(server, tenants):
    owner, recipient = tenants(2)
    a, b = server.client(owner), server.client(recipient)
    image = new_image(a)
    a.share_image(image, account=recipient.account)
    unshare = partial(a.unshare_image, image, account=recipient.account)
    launches = [
        partial(new_instance, server.client(recipient), image, wait=False) for _ in range(8)
    ]
    _, *answers = at_once([unshare, *launches])

    made = [answer for answer in answers if isinstance(answer, str)]
    assert {answer for answer in answers if answer not in made} <= {(404, "NoSuchObject")}
    assert sorted(ids(b.list_instances().instances)) == sorted(made)
    assert b.list_images("Sharing").images == []


def test_deleting_and_sharing_at_once(server, tenants):
    owner, *recipients = tenants(9)
    a = server.client(owner)
    image = new_image(a)
    delete = partial(a.delete_image, image)
    shares = [
        partial(server.client(owner).share_image, image, account=recipient.account)
        for recipient in recipients
    ]
    deleted, *shared = at_once([delete, *shares])

    if isinstance(deleted, tuple):
        assert deleted == (409, "Image.ImageHasBeenSharedToOthers")
        assert a.get_image(image).image.shared_to_user_num == 8
    else:
        assert shared == [(404, "NoSuchObject")] * 8
        assert a.list_images("Custom").images == []
