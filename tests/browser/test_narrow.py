"""A phone: 390 px wide, without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .pages import DIALOGS, PAGES, show

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def overflow(page):
    """Return how far the page scrolls sideways, in pixels."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(windows, showroom, width):
    account, ids = showroom
    view = {"viewport": {"width": width, "height": 844}, "timezone_id": "UTC"}  # times end with UTC
    page = windows.open(account, **(PHONE | view))
    for address in (*PAGES, *DIALOGS):
        url = show(page, address, ids)
        assert overflow(page) == 0, address
        page.goto(url)  # a dialog is also a page
        assert overflow(page) == 0, address


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("width", [390, 1024])
def test_dates_are_not_cut(windows, showroom, locale, width):
    account, _ids = showroom
    query = "?since=2026-10-28&until=2026-12-30"
    view = {"viewport": {"width": width, "height": 800}, "locale": locale}
    page = windows.open(account, f"/bj/activity/{query}", **view)

    for name in ("since", "until"):
        day = page.locator(f"[name={name}]")
        fit, room = day.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert fit <= room
        box = day.bounding_box()
        column = day.locator("..").bounding_box()
        assert box["x"] + box["width"] <= column["x"] + column["width"] + 0.5
        assert box["x"] + box["width"] <= width


def test_a_row_is_a_card(windows, golden, owner):
    page = windows.open(owner, **PHONE)
    row = page.get_by_role("row", name="golden")
    name = row.get_by_role("rowheader").bounding_box()
    status = row.get_by_role("cell", name="Available").bounding_box()

    assert name["y"] + name["height"] <= status["y"]


def test_share_and_unshare(windows, golden, owner, recipient):
    page = windows.open(owner, **PHONE)
    page.get_by_role("checkbox", name="Select golden").tap()
    page.get_by_role("button", name="Share Image").tap()
    dialog = page.get_by_role("dialog", name="Share Image")
    dialog.get_by_label("I checked this image").tap()
    dialog.get_by_label("Accounts").fill(recipient.account)
    expect(dialog.get_by_role("listitem").filter(has_text=recipient.account)).to_be_visible()
    assert overflow(page) == 0
    dialog.get_by_role("button", name="OK", exact=True).tap()
    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()

    page.get_by_role("button", name="Unshare").tap()
    dialog = page.get_by_role("dialog", name="Unshare")
    dialog.get_by_role("checkbox", name=recipient.account).tap()
    dialog.get_by_role("button", name="OK", exact=True).tap()
    expect(
        page.get_by_text(f"golden is no longer shared with {recipient.account}.")
    ).to_be_visible()
