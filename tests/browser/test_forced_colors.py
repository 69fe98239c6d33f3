"""Forced colors: what a color says elsewhere is still seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .pages import show

FORCED = {"forced_colors": "active"}


def get_color(locator, name="background-color"):
    return locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)


def system_color(page, name):
    return page.evaluate(
        """(name) => {
            const sample = document.body.appendChild(document.createElement("i"));
            sample.className = "skip";
            sample.style.setProperty("color", name);
            const color = getComputedStyle(sample).color;
            sample.remove();
            return color;
        }""",
        name,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_primary_button_and_the_current_entry(windows, showroom, scheme):
    account, ids = showroom
    page = windows.open(account, "/bj/instances/", **FORCED, color_scheme=scheme)
    highlight = system_color(page, "Highlight")

    create = page.get_by_role("link", name="Create instance").first
    assert get_color(create) == highlight
    assert get_color(create, "color") == system_color(page, "HighlightText")
    # Otherwise the browser puts a plate of the page's color behind the text.
    assert get_color(create, "forced-color-adjust") == "none"
    current = page.get_by_role("navigation", name="Console").locator("[aria-current]")
    assert get_color(current) == highlight
    assert get_color(current, "forced-color-adjust") == "none"

    show(page, "/bj/images/{golden}/edit/", ids)
    assert get_color(page.get_by_role("button", name="Save")) == highlight


def test_the_inbox_dot(windows, golden, owner, recipient, server):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(recipient, "/bj/instances/", **FORCED)

    assert get_color(page.locator("#inbox .dot")) == system_color(page, "Highlight")


def test_tabs_pages_ticks_statuses_and_meters(windows, showroom):
    account, ids = showroom
    page = windows.open(account, "/bj/images/", **FORCED)
    highlight, text = (system_color(page, name) for name in ("Highlight", "CanvasText"))

    tab = page.locator(".tabs [aria-current]")
    assert get_color(tab, "border-bottom-color") == highlight
    dot = "element => getComputedStyle(element, '::before').backgroundColor"
    assert page.locator(".status.good").first.evaluate(dot) == text
    meter = page.locator("meter").last
    assert get_color(meter, "border-top-color") == text

    show(page, "/bj/images/{golden}/unshare/", ids)
    row = page.locator(".recipients label").first
    row.click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    assert get_color(row, "outline-color") == highlight
