"""What an account reads of an event, on a page and in a file."""

from __future__ import annotations

import pytest

from accounts import audit
from accounts.activity import entry, naming
from accounts.actors import Actor, Channel
from accounts.audit import Verb
from accounts.exceptions import sentence_of
from accounts.models import AuditEvent
from images.rules import ImageIsShared

from .events import image_of, shared

pytestmark = pytest.mark.django_db


def test_the_owner_reads_it_whole(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other, acknowledged="2026-11 zh-hans")

    read = entry(event, to=owner)

    assert (read.what, read.who, read.channel, read.result) == (
        "Shared image",
        "mei",
        "API",
        "Done",
    )
    assert (read.access_key_id, read.address) == ("d" * 32, "192.0.2.1")
    assert read.request_id == "11111111-2222-4333-8444-555555555555"
    assert [(party.name, party.account_id) for party in read.parties] == [
        ("payments", "b" * 32),
        ("search", "c" * 32),
    ]
    assert read.confirmation == "Risk notice 2026-11 confirmed in 中文"


RECEIVED = {
    Verb.SHARE_IMAGE: "Shared with you",
    Verb.UNSHARE_IMAGE: "No longer shared with you",
    Verb.RESTORE_SHARES: "Shared with you again",
}


@pytest.mark.parametrize("verb", RECEIVED)
def test_a_recipient_reads_what_the_owner_did_and_nothing_else(mei, owner, recipient, other, verb):
    read = entry(shared(mei, owner, recipient, other, verb=verb), to=recipient)

    assert (read.what, read.who) == (RECEIVED[verb], "platform")
    assert (read.target_name, read.region) == ("golden", "bj")
    assert read.account is not None
    assert read.account.account_id == "a" * 32
    assert read.parties == []
    assert {read.channel, read.access_key_id, read.address, read.request_id} == {""}
    assert read.acknowledged == ""


@pytest.mark.parametrize("reader", ["owner", "recipient"])
def test_operators_have_no_name(request, owner, recipient, reader):
    operator = Actor(account=None, name="olga", channel=Channel.ADMIN, address="192.0.2.7")

    read = entry(shared(operator, owner, recipient), to=request.getfixturevalue(reader))

    assert (read.who, read.account, read.address) == ("Operators", None, "")


def test_the_owner_reads_who_tried_what_with_its_image(owner, recipient, actor_for):
    by = actor_for(recipient)
    event = audit.record(
        by, Verb.DELETE_IMAGE, target=image_of(owner), refusal=ImageIsShared(recipients=3)
    )

    read = entry(event, to=owner)

    assert (read.who, read.what, read.result) == ("payments", "Deleted image", "Refused")
    assert read.refusal == "Shared with 3 accounts. Unshare it first."
    assert read.parties == []


def test_a_verb_or_a_reason_that_is_not_used_any_more_is_shown_as_it_is(owner, actor_for):
    event = AuditEvent.objects.create(
        verb="image.frozen", outcome="refused", reason="too-cold", channel="telex"
    )

    read = entry(event, to=owner)

    assert (read.what, read.refusal, read.channel) == ("image.frozen", "too-cold", "telex")


def test_the_sentence_of_a_refusal_needs_what_it_is_made_of():
    assert sentence_of("image-is-shared", {"recipients": 1}).startswith("Shared with 1 account.")
    assert sentence_of("image-is-shared", {}) == "image-is-shared"
    assert "! @ # $ % ^ * ( )" in sentence_of("invalid-password", {"image": "m-abcdefgh"})


def test_an_account_finds_others_only_where_it_reads_their_names(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other)

    def found(wanted, to):
        return list(naming(AuditEvent.objects.concerning(to), wanted, to=to))

    for name in (lambda account: account.name, lambda account: account.account_id):
        assert found(name(recipient), owner) == found(name(other), owner) == [event]
        assert found(name(owner), recipient) == [event]
        assert found(name(other), recipient) == []
        assert found(name(recipient), recipient) == []
    assert found("nobody", recipient) == found("nobody", owner) == []
