"""On paper: a clean document, with the account, the region and the time, and nothing collapsed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

CONTROLS = "button, input, select, textarea, nav, .button, .action, .menu, .sheet > footer"
PRINTED = [
    "/bj/",
    "/bj/images/",
    "/bj/images/{golden}/",
    "/bj/instances/{running}/",
    "/bj/images/{golden}/unshare/",
    "/bj/activity/",
]
A4 = {"width": 718, "height": 1000}


def print_page(windows, showroom, address, **options):
    account, ids = showroom
    page = windows.open(account, address.format(**ids), viewport=A4, **options)
    page.emulate_media(media="print")
    return page, account


@pytest.mark.parametrize("address", PRINTED)
def test_a_page_is_a_document(windows, showroom, address):
    page, account = print_page(windows, showroom, address, color_scheme="dark")

    head = page.locator(".print-head")
    expect(head).to_contain_text(account.account)
    expect(head).to_contain_text(account.account_id)
    expect(head).to_contain_text("Beijing")
    assert re.search(r"\d\d:\d\d", head.locator("time").inner_text())
    visible = f":is({CONTROLS}):visible"
    assert page.locator(visible).count() == 0, page.locator(visible).first.evaluate(
        "e => e.outerHTML"
    )
    # Dark ink on white, also for a reader with a dark screen
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 33, 44)"
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((element) =>
            element.checkVisibility() && !element.closest(".visually-hidden, svg")
            && ["auto", "scroll"].includes(getComputedStyle(element).overflowY)
            && element.scrollHeight > element.clientHeight + 1
        ).map((element) => element.className)"""
    )
    assert cut == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0


def test_closed_details_are_printed_open(windows, showroom):
    page, _account = print_page(windows, showroom, "/bj/activity/?verb=image.shared")

    closed = page.locator("details:not([open])").first
    expect(closed.locator("summary")).not_to_be_visible()
    assert closed.bounding_box()["height"] > 20
    assert closed.evaluate("e => e.lastElementChild.checkVisibility()")


def test_tables_are_tables_on_paper(windows, showroom):
    page, _account = print_page(windows, showroom, "/bj/activity/")

    expect(page.get_by_role("columnheader", name="Resource")).to_be_visible()
    row = page.locator("tbody tr").first
    assert row.evaluate("element => getComputedStyle(element).display") == "table-row"
