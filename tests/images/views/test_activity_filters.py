"""The filters of the Activity page: days in the reader's zone, and sign-ins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.audit import Verb
from accounts.models import AuditEvent

from ...dom import find_all, get_descriptions, get_text, get_values
from ..pages import text_of
from .events import record_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]

# 02:00 of the next day in Shanghai
EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture
def browser(client_for, account):
    browser = client_for(account)
    browser.cookies["time_zone"] = "Asia/Shanghai"
    return browser


def record_at(account, *times, verb=Verb.CREATE_KEY):
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            at=at, verb=verb, outcome="done", channel="console", accounts=[account.account_id]
        )
        for at in times
    )


def count(browser, query):
    return len(browser.get(f"/bj/activity/?{query}").context["activities"])


def get_labels(page):
    return {get_text(label).strip() for label in find_all(page, "label")}


# Days


def test_from_today_finds_today_at_two_in_the_morning_in_shanghai(browser, account):
    record_at(account, EVENING)

    with time_machine.travel(EVENING + timedelta(minutes=1), tick=False):
        assert count(browser, "since=2026-11-24") == 1
        assert count(browser, "since=2026-11-24&until=2026-11-24") == 1
        assert count(browser, "until=2026-11-23") == 0


def test_a_day_begins_and_ends_at_midnight_in_the_zone(browser, account):
    midnight = datetime(2026, 11, 23, 16, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    record_at(account, midnight - tick, midnight, midnight + timedelta(days=1) - tick)
    record_at(account, midnight + timedelta(days=1))

    assert count(browser, "since=2026-11-24&until=2026-11-24") == 2


@pytest.mark.parametrize(
    ("zone", "begin", "hours"),
    [
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), 23),
        ("America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
        # Midnight does not exist, or comes twice.
        ("Asia/Beirut", datetime(2026, 3, 28, 22, tzinfo=UTC), 23),
        ("America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
        # The last hour of the day comes twice.
        ("America/Sao_Paulo", datetime(2018, 2, 17, 2, tzinfo=UTC), 25),
    ],
)
def test_a_day_on_which_the_clocks_change_has_its_own_length(browser, account, zone, begin, hours):
    times = [begin + timedelta(minutes=30 * number) for number in range(-2, 2 * hours + 2)]
    record_at(account, *times)
    browser.cookies["time_zone"] = zone
    day = begin.astimezone(ZoneInfo(zone)).date()

    lines = browser.get(f"/bj/activity/export/jsonl/?since={day}&until={day}").getvalue()

    assert len(lines.splitlines()) == 2 * hours


def test_the_days_are_labeled_with_their_zone(browser):
    page = browser.get("/bj/activity/")

    assert {"From (Asia/Shanghai)", "To (Asia/Shanghai)"} <= get_labels(page)
    assert "Times are in Asia/Shanghai (UTC+8)." in text_of(page)
    assert get_values(page, "zone") == ["Asia/Shanghai"]


def test_days_count_in_the_zone_of_the_page_they_were_entered_on(browser, account):
    record_at(account, EVENING)

    page = browser.get("/bj/activity/?since=2026-11-23&until=2026-11-23&zone=UTC")

    assert len(page.context["activities"]) == 1
    assert {"From (UTC)", "To (UTC)"} <= get_labels(page)
    assert get_values(page, "zone") == ["UTC"]
    assert get_values(browser.get("/bj/activity/?zone=UTC"), "zone") == ["Asia/Shanghai"]
    assert count(browser, "since=2026-11-23&until=2026-11-23&zone=Mars/Olympus") == 0


def test_a_period_that_ends_before_it_begins_shows_an_error(browser, account):
    record_at(account, EVENING)

    page = browser.get("/bj/activity/?since=2026-11-24&until=2026-11-01")

    (error,) = find_all(page, "div", id="id_until_error")
    assert get_text(error).strip() == "Enter a date that isn't before the first one."
    assert "id_until_error" in get_descriptions(page)
    assert get_values(page, "since") == ["2026-11-24"]
    assert get_values(page, "until") == ["2026-11-01"]
    assert len(page.context["activities"]) == 1


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "24/11/2026"])
def test_a_text_that_is_no_date_stays_in_its_field(browser, account, text):
    record_at(account, EVENING)

    page = browser.get("/bj/activity/", {"since": text})

    (field,) = find_all(page, "input", name="since")
    attributes = dict(field.attributes)
    assert (attributes["type"], attributes["value"]) == ("text", text)
    assert find_all(page, "div", id="id_since_error")
    (form,) = find_all(page, "form", id="filters")
    assert "popover" not in dict(form.attributes)  # open on phones, too


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_the_first_and_the_last_day_of_the_calendar_work(client_for, account, zone):
    record_at(account, EVENING)
    browser = client_for(account)
    browser.cookies["time_zone"] = zone

    assert count(browser, "since=0001-01-01&until=9999-12-31") == 1


# Sign-ins


def test_sign_ins_are_hidden_unless_asked_for(browser, account):
    record_events(account, 2, verb=Verb.SIGN_IN)
    record_events(account, verb=Verb.SIGN_OUT)
    record_events(account)

    page = browser.get("/bj/activity/")

    assert [each.action for each in page.context["activities"]] == ["Created access key"]
    assert "Sign-ins and sign-outs are hidden." in text_of(page)
    assert "Show sign-ins" in get_labels(page)
    all_of_them = browser.get("/bj/activity/?sign_ins=on")
    assert len(all_of_them.context["activities"]) == 4
    assert "Sign-ins and sign-outs are hidden." not in text_of(all_of_them)
    assert "checked" in dict(find_all(all_of_them, "input", name="sign_ins")[0].attributes)
    assert count(browser, "verb=session.signed-in") == 2


def test_exports_hide_the_sign_ins_that_the_page_hides(browser, account):
    record_events(account, 2, verb=Verb.SIGN_IN)

    def lines(query):
        return len(browser.get(f"/bj/activity/export/jsonl/?{query}").getvalue().splitlines())

    assert lines("verb=session.signed-in") == 2
    assert lines("") == 1  # the export before it
    assert lines("sign_ins=on") == 4


def test_pages_and_exports_keep_the_filters(browser, account):
    record_events(account, 21, verb=Verb.SIGN_IN)
    page = browser.get("/bj/activity/?sign_ins=on&zone=Asia/Shanghai")
    query = "sign_ins=on&zone=Asia/Shanghai"

    older = page.context["page"].older
    links = [dict(link.attributes)["href"] for link in find_all(page, "a")]

    kept = "sign_ins=on&zone=Asia%2FShanghai"
    assert f"/bj/activity/export/csv/?{kept}" in links
    assert any(link.startswith(f"?{kept}&before=") for link in links)
    assert older
    assert browser.get(f"/bj/activity/?{query}&before={older}").context["page"].newer


def test_a_refused_sign_in_is_in_the_activity_of_no_account(browser, client, account):
    client.post("/sign-in/", {"username": "mei", "password": "wrong"})

    assert AuditEvent.objects.filter(verb=Verb.SIGN_IN, outcome="refused").exists()
    assert count(browser, "sign_ins=on&result=refused") == 0


# htmx


def test_htmx_gets_the_list_or_all_that_the_filters_replace(browser, account, htmx):
    record_events(account)

    def get(**headers):
        return browser.get("/bj/activity/", headers=htmx | headers).content.decode()

    assert "<html" not in get()
    assert 'id="filters"' not in get(**{"HX-Target": "activity"})
    assert 'id="filters"' in get(**{"HX-Target": "record"})
    assert "<html" in get(**{"HX-History-Restore-Request": "true"})
