"""What an account sees of an audit event."""

from __future__ import annotations

import pytest

from accounts import audit
from accounts.activity import filter_by_account, read_event
from accounts.actors import Actor, Channel
from accounts.audit import Verb
from accounts.models import AuditEvent, Role
from images.rules import ImageIsShared

from .events import image_of, shared

pytestmark = pytest.mark.django_db


def test_the_owner_sees_every_field_of_an_event(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other, acknowledged="2026-11 zh-hans")

    read = read_event(event, reader=owner)

    assert (read.action, read.actor, read.channel, read.result) == (
        "Shared image",
        "mei",
        "API",
        "Succeeded",
    )
    assert (read.access_key_id, read.address) == ("d" * 32, "192.0.2.1")
    assert read.request_id == "11111111-2222-4333-8444-555555555555"
    assert [(party.name, party.account_id) for party in read.recipients] == [
        ("payments", "b" * 32),
        ("search", "c" * 32),
    ]
    assert read.acknowledgement == "Risk notice 2026-11 confirmed in 中文"


RECEIVED = {
    Verb.SHARE_IMAGE: "Shared with you",
    Verb.UNSHARE_IMAGE: "No longer shared with you",
    Verb.RESTORE_SHARES: "Shared with you again",
}


@pytest.mark.parametrize("verb", RECEIVED)
def test_a_recipient_sees_only_what_the_owner_did(mei, owner, recipient, other, verb):
    read = read_event(shared(mei, owner, recipient, other, verb=verb), reader=recipient)

    assert (read.action, read.actor) == (RECEIVED[verb], "platform")
    assert (read.target_name, read.region) == ("golden", "bj")
    assert read.account is not None
    assert read.account.account_id == "a" * 32
    assert read.recipients == []
    assert {read.channel, read.access_key_id, read.address, read.request_id} == {""}
    assert read.acknowledged == ""


@pytest.mark.parametrize("reader", ["owner", "recipient"])
def test_the_name_of_an_operator_is_hidden(request, owner, recipient, reader):
    operator = Actor(
        account=None, name="olga", role=Role.ADMIN, channel=Channel.ADMIN, address="192.0.2.7"
    )

    read = read_event(shared(operator, owner, recipient), reader=request.getfixturevalue(reader))

    assert (read.actor, read.account, read.address) == ("Operator", None, "")


def test_the_owner_sees_refused_actions_of_others_on_its_image(owner, recipient, actor_for):
    by = actor_for(recipient)
    event = audit.record(
        by, Verb.DELETE_IMAGE, target=image_of(owner), refusal=ImageIsShared(recipients=3)
    )

    read = read_event(event, reader=owner)

    assert (read.actor, read.action, read.result) == ("payments", "Delete image", "Failed")
    assert read.reason == "Shared with 3 accounts. Unshare it first."
    assert read.recipients == []


def test_an_unknown_verb_reason_or_channel_is_shown_as_its_code(owner, actor_for):
    event = AuditEvent.objects.create(
        verb="image.frozen", outcome="refused", reason="too-cold", channel="telex"
    )

    read = read_event(event, reader=owner)

    assert (read.action, read.reason, read.channel) == ("image.frozen", "too-cold", "telex")


def test_the_account_filter_matches_only_accounts_the_reader_can_see(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other)

    def found(wanted, to):
        return list(filter_by_account(AuditEvent.objects.concerning(to), wanted, reader=to))

    for name in (lambda account: account.name, lambda account: account.account_id):
        assert found(name(recipient), owner) == found(name(other), owner) == [event]
        assert found(name(owner), recipient) == [event]
        assert found(name(other), recipient) == []
        assert found(name(recipient), recipient) == []
    assert found("nobody", recipient) == found("nobody", owner) == []
