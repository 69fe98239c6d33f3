"""Times are in the zone of the browser, or in the one that the person chose."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .windows import sign_in

ZONES = {"Asia/Shanghai": r"UTC\+8", "America/New_York": "UTC\N{MINUS SIGN}[45]"}


@pytest.fixture
def new_owner(tenants):
    """Return an account whose person has chosen no zone."""
    return tenants(1)[0]


@pytest.mark.parametrize("zone", ZONES)
def test_the_first_page_after_sign_in_is_in_the_zone_of_the_browser(windows, golden, owner, zone):
    page = windows.open(timezone_id=zone)
    sign_in(page, owner.account)

    page.goto(f"/bj/images/{golden}/")

    time = page.locator("main time").first
    value, shown, title = time.evaluate("each => [each.dateTime, each.textContent, each.title]")
    local = page.evaluate(
        """([value, timeZone]) => new Intl.DateTimeFormat("en-US", {
            timeZone, dateStyle: "medium", timeStyle: "short", hourCycle: "h23",
        }).format(new Date(value))""",
        [value, zone],
    )
    assert shown == local
    assert re.fullmatch(rf"{zone} \({ZONES[zone]}\) · [\d-]+ [\d:]+ UTC", title)
    page.goto("/bj/activity/")
    expect(page.get_by_text(f"Times are in {zone}")).to_be_visible()
    expect(page.get_by_label(f"From ({zone})")).to_be_visible()


def test_without_javascript_times_are_in_utc_until_a_zone_is_chosen(windows, golden, owner):
    page = windows.open(owner, "/bj/activity/", java_script_enabled=False)
    page.context.clear_cookies(name="time_zone")
    page.reload()
    expect(page.get_by_text("Times are in UTC.")).to_be_visible()

    page.get_by_role("link", name="Change time zone").click()
    expect(page).to_have_url(re.compile("/bj/time-zone/$"))
    page.get_by_role("combobox", name="Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Set time zone").click()

    expect(page.get_by_text("Times are in Asia/Tokyo (UTC+9).")).to_be_visible()
    page.goto("/bj/activity/")
    expect(page.get_by_label("From (Asia/Tokyo)")).to_be_visible()


def test_a_chosen_zone_follows_the_person(windows, new_owner):
    page = windows.open(new_owner, "/bj/activity/")
    page.get_by_role("button", name="Account:").click()
    page.locator("#account-menu").get_by_role("link", name="Time zone").click()
    dialog = page.get_by_role("dialog", name="Time zone")
    zone = dialog.get_by_label("Time zone")
    expect(zone.locator("option").first).to_have_text(re.compile("Browser's time zone"))
    zone.select_option("America/New_York")
    dialog.get_by_role("button", name="Set time zone").click()
    expect(page.get_by_label("From (America/New_York)")).to_be_visible()

    other = windows.open(timezone_id="Asia/Tokyo")
    sign_in(other, new_owner.account, path="/bj/activity/")

    expect(other.get_by_label("From (America/New_York)")).to_be_visible()


def test_a_choice_is_kept_when_the_server_is_unavailable(windows, new_owner):
    page = windows.open(new_owner, "/bj/activity/")
    page.get_by_role("link", name="Change time zone").click()
    dialog = page.get_by_role("dialog", name="Time zone")
    zone = dialog.get_by_label("Time zone")
    zone.select_option("America/New_York")
    page.route("**/time-zone/", lambda route: route.fulfill(status=503), times=1)
    windows.expect("503 POST /bj/time-zone/")
    dialog.get_by_role("button", name="Set time zone").click()
    expect(dialog.get_by_role("alert")).to_be_visible()

    expect(zone).to_have_value("America/New_York")
    dialog.get_by_role("button", name="Set time zone").click()
    expect(page.get_by_label("From (America/New_York)")).to_be_visible()


def test_a_filter_uses_the_zone_that_the_page_says(windows, new_owner):
    page = windows.open(new_owner, "/bj/activity/")
    page.context.add_cookies([{"name": "time_zone", "value": "UTC", "url": windows.url}])
    page.goto("/bj/activity/")  # in UTC, and sets the cookie to the browser's zone
    page.get_by_label("From (UTC)").fill("2026-01-01")

    page.get_by_role("button", name="Search").click()

    expect(page).to_have_url(re.compile("zone=UTC"))
    expect(page.get_by_label("From (UTC)")).to_have_value("2026-01-01")
    expect(page.get_by_text("Times are in Asia/Shanghai (UTC+8).")).to_be_visible()
