from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission

from accounts import audit
from accounts.actors import SYSTEM, Actor, Channel
from accounts.limits import TooManyTries
from accounts.models import Account, AuditEvent, Role
from images import rules, sharing

from ...admin import save
from ...dom import find_all, get_text
from ...factories import AccountFactory, ImageFactory, OperatorFactory
from ...images.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/auditevent/"


def list_events(operator, query):
    return list(operator.get(LIST + query).context["cl"].result_list)


def share(image, *accounts, by, **detail):
    entries = [sharing.Entry(account.name, [account]) for account in accounts]
    sharing.share(image=image, entries=entries, by=by, **detail)
    return AuditEvent.objects.latest("pk")


def test_the_audit_trail_is_filtered_by_action_and_channel(operator):
    audit.record(SYSTEM, audit.Verb.ADD)
    audit.record(SYSTEM, audit.Verb.ROTATE_KEYS)
    audit.record(
        Actor(account=None, name="op", role=Role.ADMIN, channel=Channel.ADMIN), audit.Verb.ADD
    )

    def events(query):
        return [(event.verb, event.channel) for event in list_events(operator, query)]

    assert events("?verb=record.added") == [("record.added", "admin"), ("record.added", "system")]
    assert events("?channel=system") == [
        ("access-key.rotated", "system"),
        ("record.added", "system"),
    ]
    assert len(events("")) == 3


def test_the_filters_of_the_audit_trail_show_labels(operator):
    page = operator.get(LIST).content.decode()

    assert ">Re-encrypted access keys</a>" in page
    assert ">Command line</a>" in page
    assert ">Too many attempts. Try again in … minutes.</a>" in page
    assert "access-key.rotated</a>" not in page


def test_an_event_with_a_former_verb_is_shown_with_its_code(operator):
    event = audit.record(SYSTEM, audit.Verb.ADD)
    AuditEvent.objects.bulk_create(
        [AuditEvent(verb="image.frozen", outcome=event.outcome, channel=event.channel)]
    )

    response = operator.get(LIST)

    assert response.status_code == 200
    assert "image.frozen" in response.content.decode()


@pytest.fixture
def shared(actor_for):
    """Return the event of a share of golden-1 by platform with payments, after another event."""
    audit.record(SYSTEM, audit.Verb.ADD)
    owner = AccountFactory.create(name="platform", uc_account="uc-platform", account_id="1a" * 16)
    image = ImageFactory.create(owner=owner, name="golden-1", image_id="m-abcdefgh")
    payments = AccountFactory.create(
        name="payments", uc_account="uc-payments", account_id="2b" * 16
    )
    by = Actor(
        account=owner,
        name="ada",
        role=Role.ADMIN,
        channel=Channel.API,
        access_key_id="3c" * 16,
        request_id="00000000-0000-4000-8000-00000000000d",
    )
    return share(image, payments, by=by)


@pytest.mark.parametrize(
    "text",
    [
        *("golden-1", "olden", "m-abcdefgh", "ada"),
        *("platform", "uc-platform", "1a" * 16),
        *("payments", "PAYMENTS", "uc-payments", "2b" * 16, "2B" * 16),
        *("3c" * 16, "00000000-0000-4000-8000-00000000000d"),
    ],
)
def test_an_event_is_found_by_everything_it_names(operator, shared, text):
    assert list_events(operator, f"?q={text}") == [shared]


@pytest.mark.parametrize("text", ["platform", "payment", "nobody"])
def test_the_recipient_is_a_filter_of_its_own(operator, shared, text):
    assert list_events(operator, "?recipient=uc-payments") == [shared]
    assert list_events(operator, f"?recipient={text}") == []


def test_an_event_is_found_by_the_recipient_that_was_renamed_or_deleted(operator, shared):
    Account.objects.filter(name="payments").update(name="treasury")

    for text in ("payments", "treasury"):
        assert list_events(operator, f"?q={text}") == [shared]
        assert list_events(operator, f"?recipient={text}") == [shared]


def test_the_period_is_in_the_zone_that_the_page_named(operator):
    events = AuditEvent.objects.bulk_create(
        AuditEvent(verb="record.added", outcome="done", channel="system", at=at)
        for at in ("2026-03-01T15:59:59Z", "2026-03-01T16:00:00Z", "2026-03-02T16:00:00Z")
    )
    query = "?since=2026-03-02&until=2026-03-02&zone=Asia/Shanghai"
    page = text_of(operator.get(LIST + query))

    assert list_events(operator, query) == [events[1]]
    assert "Period: 2026-03-02 – 2026-03-02" in page
    assert "From (Asia/Shanghai)" in page


def test_an_invalid_period_says_so_and_filters_nothing(operator):
    audit.record(SYSTEM, audit.Verb.ADD)

    response = operator.get(f"{LIST}?since=2026-02-30")

    assert len(response.context["cl"].result_list) == 1
    assert "Enter a date, such as 2026-01-31." in text_of(response)


def test_reasons_and_shares_without_acknowledgement_are_filters(operator, actor_for):
    by = actor_for(AccountFactory.create())
    image = ImageFactory.create(owner=by.account)
    share(image, AccountFactory.create(), by=by, acknowledged="2026-11 en")
    silent = share(image, AccountFactory.create(), by=by)
    refused = audit.record(by, audit.Verb.SIGN_IN, refusal=TooManyTries(minutes=3))

    assert list_events(operator, "?acknowledged=no") == [silent]
    assert list_events(operator, "?reason=too-many-tries") == [refused]


def test_the_list_says_reasons_and_recipients_in_words(operator, shared, actor_for):
    image = ImageFactory.create(owner=shared and Account.objects.get(name="platform"))
    refusal = rules.ImageIsShared(recipients=12)
    by = actor_for(image.owner)
    audit.record(by, audit.Verb.DELETE_IMAGE, target=image.audit_target, refusal=refusal)

    page = text_of(operator.get(LIST))

    assert "Shared with 12 accounts. Unshare it first." in page
    assert "golden-1 m-abcdefgh" in page
    assert "payments" in page


def test_the_list_has_the_same_number_of_queries_at_any_length(
    operator, shared, django_assert_num_queries
):
    with django_assert_num_queries(4):
        operator.get(LIST)
    audit.record_each(SYSTEM, audit.Verb.ADD, [None] * 20)
    with django_assert_num_queries(4):
        operator.get(LIST)


def test_the_page_of_an_event_has_its_facts_in_words(operator, shared):
    page = operator.get(f"{LIST}{shared.pk}/change/")

    text = text_of(page)
    assert "Shared image" in text
    assert "payments " + "2b" * 16 in text
    assert "image.shared" not in text
    links = {dict(link.attributes).get("href") for link in find_all(page, "a")}
    assert "/admin/images/image/?q=m-abcdefgh" in links
    assert f"/admin/accounts/account/?q={'2b' * 16}" in links
    assert f"{LIST}?q=00000000-0000-4000-8000-00000000000d" in links


def test_the_page_of_a_change_shows_values_before_and_after(operator):
    account = AccountFactory.create(name="old")
    save(operator, f"/admin/accounts/account/{account.pk}/change/", name="new")

    page = operator.get(f"{LIST}{AuditEvent.objects.latest('pk').pk}/change/")

    rows = [
        [get_text(cell) for cell in (*find_all(row, "th"), *find_all(row, "td"))]
        for row in find_all(page, "tr")
    ]
    assert ["Baidu account", "old", "new"] in rows


def test_exports_contain_what_the_filters_leave(operator, shared):
    answer = operator.get(f"{LIST}export/csv/?q=payments")
    jsonl = operator.get(f"{LIST}export/jsonl/?recipient=payments").getvalue().decode()

    (_heading, row) = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert {"golden-1", "ada", "payments (" + "2b" * 16 + ")"} <= set(row)
    (event,) = [json.loads(line) for line in jsonl.splitlines()]
    assert event["accounts"] == [{"account": "payments", "accountId": "2b" * 16}]
    assert event["accessKeyId"] == "3c" * 16
    # The heading, two events, and the two exports before this one
    assert len(operator.get(f"{LIST}export/csv/").getvalue().splitlines()) == 5


def test_no_cell_of_an_export_is_a_formula(operator):
    actor = Actor(account=None, name="=1+1", role=Role.ADMIN, channel=Channel.SYSTEM)
    audit.record(actor, audit.Verb.ADD)

    rows = operator.get(f"{LIST}export/csv/").getvalue().decode()

    assert '"\'=1+1"' in rows


def test_exports_are_for_operators_who_can_view_the_trail(client):
    person = OperatorFactory.create(is_superuser=False)
    client.force_login(person)

    assert client.get(f"{LIST}export/csv/").status_code == 403

    person.user_permissions.add(Permission.objects.get(codename="view_auditevent"))
    assert client.get(f"{LIST}export/csv/").getvalue().startswith(b"\xef\xbb\xbf")
