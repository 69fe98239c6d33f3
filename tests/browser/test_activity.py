"""The Activity page: why a share failed, dense entries, and filters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.sdk.clients import new_image, new_instance, refusal

from .test_narrow import PHONE

IS_TALL = "document.documentElement.scrollHeight"


@pytest.fixture
def refused(server, golden, owner):
    """Refuse a share with accounts that don't exist."""
    client = server.client(owner)
    for name in ("paymentz", "logistcs"):
        refusal(client.share_image, golden, account=name)


@pytest.fixture
def busy(server, tenants):
    """Return an account with twenty typical entries: shares, unshares, failures and changes."""
    owner, *others = tenants(7)
    client = server.client(owner)
    image = new_image(client, "golden-ubuntu-22.04")  # creates an instance, too
    for each in others:
        client.share_image(image, account_id=each.account_id)
    for each in others[:3]:
        client.unshare_image(image, account_id=each.account_id)
    for name in ("paymentz", "logistcs"):
        refusal(client.share_image, image, account=name)
    for each in others[:2]:
        client.share_image(image, account_id=each.account_id)
        client.unshare_image(image, account_id=each.account_id)
    for number in range(3):
        new_instance(client, image, name=f"web-{number}")
    return owner


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("has_javascript", [True, False])
def test_why_a_share_failed(windows, golden, owner, has_javascript):
    page = windows.open(owner, "/bj/", java_script_enabled=has_javascript)
    page.get_by_role("link", name="Activity", exact=True).click()
    row = page.get_by_role("row").filter(has_text="paymentz")

    expect(row).to_contain_text("Share image")
    expect(row).to_contain_text("Failed")
    expect(row.get_by_role("listitem")).to_have_text("paymentz Account not found")
    page.goto(f"/bj/images/{golden}/")
    expect(page.get_by_text("paymentz Account not found")).to_be_visible()


def test_twenty_entries_fit_two_screens_of_a_phone(windows, busy):
    page = windows.open(busy, "/bj/activity/", **PHONE)

    expect(page.locator(".record tbody")).to_have_count(20)
    assert page.evaluate(IS_TALL) <= 2 * 844
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.evaluate(IS_TALL) <= 1.5 * 900


def test_details_have_the_rest_of_an_entry(windows, busy):
    page = windows.open(busy, "/bj/activity/", **PHONE)
    request_id = page.get_by_text(re.compile(r"^[0-9a-f-]{36}$")).first
    expect(request_id).not_to_be_visible()

    page.get_by_text("Details", exact=True).first.locator("..").tap()

    expect(request_id).to_be_visible()
    expect(page.get_by_role("button", name="Copy").first).to_be_visible()


def test_details_button_covers_no_text_on_a_phone(windows, busy):
    page = windows.open(busy, "/bj/activity/", **PHONE)
    covered = page.evaluate(
        """() => [...document.querySelectorAll(".record tbody")].filter((entry) => {
            const icon = entry.querySelector("summary .icon").getBoundingClientRect();
            const time = entry.querySelector("time").getBoundingClientRect();
            return icon.right > time.left && icon.bottom > time.top && icon.top < time.bottom;
        }).length"""
    )

    assert covered == 0


def test_filters_open_on_a_phone(windows, busy):
    page = windows.open(busy, "/bj/activity/", **PHONE)
    expect(page.get_by_label("Result")).not_to_be_visible()
    page.get_by_role("button", name="Filters").tap()
    page.get_by_label("Result").select_option("refused")
    page.get_by_role("button", name="Search").tap()

    expect(page).to_have_url(re.compile("result=refused"))
    expect(page.locator(".record tbody")).to_have_count(2)
    page.go_back()
    expect(page.locator(".record tbody")).to_have_count(20)
    expect(page.get_by_role("button", name="Filters")).to_be_visible()


def test_sign_ins_are_shown_on_request(windows, owner, golden):
    page = windows.open(owner, "/bj/activity/")
    expect(page.get_by_text("Sign-ins and sign-outs are hidden.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Signed in")).to_have_count(0)

    page.get_by_label("Show sign-ins").check()
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("rowheader", name="Signed in").first).to_be_visible()
    href = page.get_by_role("link", name="Export CSV").get_attribute("href")
    assert "sign_ins=on" in href


def test_a_filter_is_kept_when_the_server_is_unavailable(windows, owner, golden):
    page = windows.open(owner, "/bj/activity/")
    page.get_by_label("Resource").fill("golden")
    page.get_by_label("Result").select_option("done")
    page.route("**/activity/?*", lambda route: route.fulfill(status=503), times=1)
    windows.expect("503 GET /bj/activity/")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_be_visible()

    expect(page.get_by_label("Resource")).to_have_value("golden")
    expect(page.get_by_label("Result")).to_have_value("done")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("result=done"))


def test_half_a_date_is_not_dropped(windows, owner, golden):
    page = windows.open(owner, "/bj/activity/")
    sentence = page.get_by_text("Enter a date, such as")
    expect(sentence.first).not_to_be_visible()
    page.get_by_label("From (").press("1")  # only the month
    page.get_by_role("button", name="Search").click()

    expect(sentence.first).to_be_visible()
    expect(page.get_by_label("From (")).to_be_focused()
    expect(page).to_have_url(re.compile("/activity/$"))


def test_a_period_that_ends_before_it_begins_shows_an_error(windows, owner, golden):
    page = windows.open(owner, "/bj/activity/")
    page.get_by_label("From (").fill("2026-11-24")
    page.get_by_label("To (").fill("2026-11-01")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_text("Enter a date that isn't before the first one.")).to_be_visible()
    expect(page.get_by_label("To (")).to_have_value("2026-11-01")
    expect(page.get_by_role("table")).to_be_visible()
