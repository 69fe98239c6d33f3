"""The Activity page: its rows, filters and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine

from accounts import audit
from accounts.audit import Verb
from accounts.models import Attempt, AuditEvent
from images import lifecycle, sharing

from ...dom import find_all, get_descriptions, get_text
from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
)
from ..pages import page_of, text_of
from .events import NOON, build_entries, read_rows, record_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


# The list


def test_a_row_shows_everything_about_an_event(client_for, image, mei, payments, logistics):
    branches = AccountFactory.create_batch(3)
    recipients = build_entries(payments, logistics, *branches)
    sharing.share(image=image, entries=recipients, by=mei, acknowledged="2026-11 en")

    page = client_for(image.owner).get("/bj/activity/")
    text = text_of(page)

    assert "Shared image" in text
    (link,) = find_all(page, "a", class_="name", href=image.get_absolute_url())
    assert get_text(link) == "golden"
    assert "mei" in text
    assert "· API" in text
    assert "192.0.2.1" in text
    assert f"payments, logistics, {branches[0].name} and 2 more" in text
    assert all(f"{each.name} {each.account_id}" in text for each in branches)
    assert "Risk notice 2026-11 confirmed in English" in text
    for value in ("m-golden00", "d" * 32, "11111111-2222-4333-8444-555555555555"):
        assert find_all(page, "button", data_copy=value)


def test_a_failed_action_shows_the_reason(client_for, account, image, payments, actor_for):
    browser = client_for(account)
    sharing.share(image=image, entries=build_entries(payments), by=actor_for(account))
    browser.post(page_of(image, "delete/"))

    text = text_of(browser.get("/bj/activity/?result=refused"))

    assert "Delete image Failed golden" in text
    assert "Shared with 1 account. Unshare it first." in text


def test_a_deleted_or_released_resource_has_no_link(client_for, account, image, actor_for):
    running = InstanceFactory.create(owner=account, name="running")
    released = InstanceFactory.create(owner=account, name="released", released_at=NOON)
    for instance in (running, released):
        audit.record(actor_for(account), Verb.STOP, target=instance.audit_target)
    lifecycle.delete(image=image, by=actor_for(account))

    page = client_for(account).get("/bj/activity/")

    assert {entry.target_name: entry.url for entry in page.context["activities"]} == {
        "golden": "",
        "released": "",
        "running": running.get_absolute_url(),
    }


def test_events_are_paged_newest_first(client_for, account):
    record_events(account, 45)
    browser = client_for(account)
    pages = [browser.get("/bj/activity/")]
    for _ in range(2):
        pages.append(browser.get("/bj/activity/", {"before": pages[-1].context["page"].older}))

    ids = [[entry.request_id for entry in page.context["activities"]] for page in pages]

    assert ids == [
        [f"request-{number}" for number in range(44, 24, -1)],
        [f"request-{number}" for number in range(24, 4, -1)],
        [f"request-{number}" for number in range(4, -1, -1)],
    ]
    assert pages[0].context["page"].newer is None
    assert pages[2].context["page"].older is None
    back = browser.get("/bj/activity/", {"after": pages[2].context["page"].newer})
    assert [entry.request_id for entry in back.context["activities"]] == ids[1]
    back = browser.get("/bj/activity/", {"after": back.context["page"].newer})
    assert [entry.request_id for entry in back.context["activities"]] == ids[0]
    assert back.context["page"].newer is None


def test_paging_skips_no_events_at_the_same_time(client_for, account):
    events = record_events(account, 30)
    AuditEvent.objects.bulk_create(
        AuditEvent(at=NOON, verb=event.verb, request_id=f"noon-{number}", accounts=event.accounts)
        for number, event in enumerate(events)
    )
    browser = client_for(account)

    first = browser.get("/bj/activity/").context
    second = browser.get("/bj/activity/", {"before": first["page"].older}).context
    third = browser.get("/bj/activity/", {"before": second["page"].older}).context

    rows = [entry.pk for page in (first, second, third) for entry in page["activities"]]
    assert len(rows) == len(set(rows)) == 60


def test_paging_keeps_the_filters(client_for, account):
    record_events(account, 45, verb=Verb.SIGN_OUT)
    record_events(account, 45)

    page = client_for(account).get("/bj/activity/?verb=session.signed-out")

    older = page.context["page"].older
    query = urlencode({"verb": "session.signed-out", "before": older})
    assert find_all(page, "a", href=f"?{query}")
    assert {entry.action for entry in page.context["activities"]} == {"Signed out"}


# Filters


def test_filters_narrow_the_list(client_for, image, payments, logistics, actor_for):
    account = image.owner
    by = actor_for(account)
    with time_machine.travel(datetime(2027, 11, 1, 23, 59, 59, tzinfo=UTC), tick=False):
        sharing.share(image=image, entries=build_entries(payments), by=by)
    with time_machine.travel(datetime(2027, 11, 2, tzinfo=UTC), tick=False):
        other = ImageFactory.create(owner=account, name="windows")
        sharing.share(image=other, entries=build_entries(logistics), by=by)
    with time_machine.travel(datetime(2027, 11, 3, 12, tzinfo=UTC), tick=False):
        audit.record(by, Verb.STOP, target=InstanceFactory.create(owner=account).audit_target)
    browser = client_for(account)

    def names(query):
        return [name for _action, name in read_rows(browser, query)]

    stopped = read_rows(browser, "verb=instance.stopped")
    assert [action for action, _name in stopped] == ["Stopped instance"]
    assert names("verb=image.shared") == ["windows", "golden"]
    assert names("image=m-golden00") == names("image=GOLD") == ["golden"]
    for identifier in ("payments", "b" * 32):
        assert names(f"account={identifier}") == ["golden"]
    assert names("since=2027-11-02&verb=image.shared") == ["windows"]
    assert names("until=2027-11-01") == ["golden"]
    assert names("since=2027-11-01&until=2027-11-02") == ["windows", "golden"]
    assert names("account=payments&image=windows") == []
    assert names("result=refused") == []
    assert names("image=%25") == []
    assert names("account=pay") == names("account=PAYMENTS") == []


def test_an_invalid_filter_is_ignored_and_shows_an_error(client_for, account):
    record_events(account)
    query = "since=yesterday&until=2026-02-30&verb=x&result=x&image=" + "x" * 66
    page = client_for(account).get(f"/bj/activity/?{query}&account={'x' * 81}")

    assert len(page.context["activities"]) == 1
    for field in ("since", "until", "verb", "result", "image", "account"):
        assert find_all(page, "div", id=f"id_{field}_error")
        assert f"id_{field}_error" in get_descriptions(page)
    assert "Enter a date, such as 2026-01-31." in text_of(page)


@pytest.mark.parametrize(
    "query",
    [
        "image=%FF%FE",
        "since=0001-01-01&until=9999-12-31",
        "before=x",
        "before=2026-02-31T00:00:00.000000Z_1",
        "before=0000-01-01T00:00:00.000000Z_1",
        "after=9999-12-31T23:59:59.999999Z_999999999999999999",
        "before=9999-12-31T23:59:59.999999Z_1&after=x",
        "account=%EF%BC%9D1",
    ],
)
def test_an_invalid_query_does_not_break_the_page(client_for, account, query):
    record_events(account)
    browser = client_for(account)

    assert browser.get(f"/bj/activity/?{query}").status_code == 200
    assert browser.get(f"/bj/activity/export/csv/?{query}").getvalue().endswith(b"\r\n")


def test_an_empty_page_says_why_it_is_empty(client_for, account):
    browser = client_for(account)

    assert "No activity yet" in text_of(browser.get("/bj/activity/"))
    record_events(account)
    assert "No results match your filters." in text_of(browser.get("/bj/activity/?image=nothing"))


# What each account can see


def test_a_stranger_sees_nothing(client_for, image, mei, payments, logistics):
    sharing.share(image=image, entries=build_entries(payments), by=mei)
    browser = client_for(logistics)

    for query in ("", "image=m-golden00", "image=golden", "account=platform", "account=payments"):
        assert read_rows(browser, query) == []
    assert "golden" not in browser.get("/bj/activity/export/csv/").getvalue().decode()


ADDRESSES = ["/bj/activity/", "/bj/activity/export/csv/", "/bj/activity/export/jsonl/"]


@pytest.fixture
def recipient(image, mei, payments, logistics):
    """One of two accounts that an image was shared with and unshared from."""
    both = build_entries(payments, logistics)
    sharing.share(image=image, entries=both, by=mei, acknowledged="2026-11 en")
    sharing.unshare(image=image, entries=both, by=mei)
    return payments


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_recipient_sees_nothing_about_other_recipients(client_for, recipient, address):
    text = client_for(recipient).get(address).getvalue().decode()

    for visible in ("Shared with you", "No longer shared with you", "platform", "golden"):
        assert visible in text
    for hidden in (
        "logistics",
        "c" * 32,
        "mei",
        "d" * 32,
        "192.0.2.1",
        "11111111-2222",
        "2026-11 en",
        "API",
    ):
        assert hidden not in text


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "query",
    [
        "account=logistics",
        "account=uc-logistics",
        f"account={'c' * 32}",
        "account=payments",
        "account=mei",
        f"account={'d' * 32}",
        "image=logistics",
        "image=mei",
        "image=192.0.2.1",
        "image=11111111",
        f"image={'c' * 32}",
    ],
)
def test_a_recipient_learns_nothing_by_filtering(client_for, recipient, address, query):
    browser = client_for(recipient)

    def is_shown(query):
        return b"Shared with you" in browser.get(f"{address}?{query}").getvalue()

    assert is_shown("account=platform")
    assert is_shown("image=golden")
    assert is_shown("image=m-golden00")
    assert not is_shown(query)


def test_paging_from_an_event_of_another_account_shows_only_own_events(
    client_for, account, payments
):
    record_events(payments, 3)
    record_events(account, 3)
    hidden = AuditEvent.objects.filter(actor_account="payments").latest("pk")

    page = client_for(account).get(f"/bj/activity/?before={hidden.pk}")

    assert len(page.context["activities"]) == 3


def test_filtering_by_account_uses_no_look_ups(client_for, account, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    record_events(account)
    browser = client_for(account)
    before = AuditEvent.objects.count()

    for name in ("no-such", "nor-such"):
        assert read_rows(browser, f"account={name}") == []

    assert AuditEvent.objects.count() == before
    assert not Attempt.objects.exists()


def test_a_deleted_account_can_still_be_filtered_for(client_for, account, actor_for, payments):
    image = ImageFactory.create(owner=account, name="golden")
    sharing.share(image=image, entries=build_entries(payments), by=actor_for(account))
    image.grants.all().delete()
    payments.delete()
    browser = client_for(account)

    for text in ("payments", "b" * 32):
        assert read_rows(browser, f"account={text}") == [("Shared image", "golden")]
