"""Requests that were refused for their access key, in the audit trail."""

from __future__ import annotations

import pytest

from accounts import keys
from accounts.actors import SYSTEM
from accounts.models import AuditEvent

from ...factories import AccessKeyFactory, RegionFactory
from .programs import NO_SUCH_KEY, Program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(account):
    RegionFactory.create()
    return AccessKeyFactory.create(user__account=account, user__username="mei")


def trail():
    fields = ("verb", "reason", "channel", "actor", "access_key_id", "target_id", "accounts")
    return list(AuditEvent.objects.order_by("pk").values_list(*fields))


def test_a_wrong_signature(key, account):
    program = Program(key)
    program.secret = "wrong"
    response = program("GET", "/v2/image")

    ids = (key.key_id, key.key_id, [account.account_id])
    assert response.status_code == 400
    assert trail() == [("session.key-used", "wrong-signature", "api", "mei", *ids)]
    assert AuditEvent.objects.get().request_id == response["x-bce-request-id"]


def test_a_disabled_key(key, account):
    key.is_active = False
    key.save()

    ids = (key.key_id, key.key_id, [account.account_id])
    assert refusal(Program(key)("GET", "/v2/image")) == NO_SUCH_KEY
    assert trail() == [("session.key-used", "access-key-not-usable", "api", "mei", *ids)]


@pytest.mark.parametrize("key_id", ["f" * 32, "x", "F" * 32])
def test_an_unknown_key_without_its_id_which_may_be_a_secret(key, key_id):
    program = Program(AccessKeyFactory.build(user=key.user, key_id=key_id))

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY
    assert trail() == [("session.key-used", "no-such-access-key", "api", "", "", "", [])]
    assert AuditEvent.objects.get().address == "127.0.0.1"


def test_a_deleted_key_with_its_id(key):
    keys.delete(key=key, by=SYSTEM)

    assert refusal(Program(key)("GET", "/v2/image")) == NO_SUCH_KEY
    assert trail()[1:] == [
        ("session.key-used", "no-such-access-key", "api", "", key.key_id, "", [])
    ]


def test_unknown_keys_of_one_address_make_ten_events_a_minute(key):
    for number in range(30):
        Program(AccessKeyFactory.build(user=key.user, key_id=f"{number:032}"))("GET", "/v2/image")

    assert len(trail()) == 10


def test_the_account_reads_it_in_its_activity(key, account, client_for):
    key.is_active = False
    key.save()
    Program(key)("GET", "/v2/image")

    page = client_for(account).get("/bj/activity/?verb=session.key-used").text
    assert "Use access key" in page
    assert "The access key is disabled" in page
