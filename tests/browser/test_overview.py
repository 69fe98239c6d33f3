"""The picture on the Overview: links for the keyboard, groups that open, a searchable matrix."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .test_narrow import PHONE
from .windows import tab_to


@pytest.fixture
def shared(server, owner, golden, tenants):
    """Return two accounts that `golden` is shared with."""
    recipients = tenants(2)
    for each in recipients:
        server.client(owner).share_image(golden, account_id=each.account_id)
    return sorted(recipients, key=lambda each: each.account)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_group_opens_and_an_account_leads_to_its_activity(windows, owner, shared, javascript):
    page = windows.open(owner, "/bj/", java_script_enabled=javascript)
    picture = page.get_by_role("group", name="Image sharing")
    names = [each.account for each in shared]
    expect(picture.get_by_role("link")).to_have_count(2)

    picture.get_by_role("link", name=f"{names[0]}, {names[1]}: show each account").click()
    expect(picture.get_by_role("link")).to_have_count(3)
    picture.get_by_role("link", name=f"{names[1]}: view activity").click()

    expect(page.get_by_role("heading", name="Activity")).to_be_visible()
    expect(page.get_by_label("Other account")).to_have_value(shared[1].account_id)
    expect(page.get_by_role("table")).to_contain_text("Shared image")


def test_the_keyboard_reaches_every_box(windows, owner, shared):
    page = windows.open(owner, "/bj/")
    picture = page.get_by_role("group", name="Image sharing")

    tab_to(page, picture.get_by_role("link", name="golden, shared with"))
    tab_to(page, picture.get_by_role("link", name="show each account"))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Group accounts").click()

    expect(picture.get_by_role("link")).to_have_count(2)
    assert shared


def test_the_matrix_scrolls_in_its_frame_under_its_head(windows, showroom):
    account, _ids = showroom
    page = windows.open(account, "/bj/", viewport={"width": 1440, "height": 400})
    matrix = page.get_by_role("table", name="Shared images in Beijing and")
    head = matrix.get_by_role("columnheader", name="Account", exact=True)
    expect(matrix.get_by_role("columnheader", name="golden")).to_be_visible()

    frame = page.locator(".matrix-frame")
    assert frame.bounding_box()["height"] <= 577
    frame.evaluate("element => { element.style.maxBlockSize = '200px'; element.scrollTop = 100; }")

    assert frame.evaluate("element => element.scrollTop") == 100
    assert abs(head.bounding_box()["y"] - frame.bounding_box()["y"]) <= 1


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_the_matrix_is_searched(windows, showroom, javascript):
    account, _ids = showroom
    page = windows.open(account, "/bj/", java_script_enabled=javascript)
    rows = page.locator(".matrix tbody tr")
    name = rows.last.get_by_role("link").inner_text()

    search = page.get_by_role("searchbox", name="Account or image")
    search.fill(name)
    if not javascript:
        page.get_by_role("button", name="Search").click()

    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(rf"/bj/\?q={name}"))
    if javascript:
        expect(search).to_be_focused()
    search.fill("nobody-at-all")
    if not javascript:
        page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No results match your filters.")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(search).to_have_value("")
    expect(rows).to_have_count(12)


def test_on_a_phone_there_is_a_list_for_each_image(windows, showroom):
    account, _ids = showroom
    page = windows.open(account, "/bj/", **PHONE)

    expect(page.locator(".matrix")).not_to_be_visible()
    row = page.get_by_role("row", name="golden")
    row.locator("summary").tap()
    expect(row.get_by_role("listitem")).to_have_count(12)
