"""The administration: as accessible as the console, and as wide as the window."""

from __future__ import annotations

import pytest
from django.conf import settings

from .test_accessibility import assert_accessible
from .windows import sign_in

LISTS = [
    *("accounts/accesskey", "accounts/account", "accounts/auditevent", "accounts/server"),
    *("accounts/user", "images/image", "images/instance", "images/region", "images/sharegrant"),
]
# Widgets of Django's that have findings of their own
OF_DJANGO = (".select2", ".selector")
FORMS = [
    *("accounts/account/add", "accounts/account/import", "accounts/user/add"),
    *("images/image/add", "images/region/add"),
]


@pytest.fixture
def page(windows, showroom):
    page = windows.open()
    sign_in(page, "operator", settings.DEMO_PASSWORD, "/admin/")
    return page


@pytest.mark.parametrize("path", ["", *LISTS, *FORMS, "password_change"])
def test_a_page_is_accessible(page, path):
    page.goto(f"/admin/{path}/".replace("//", "/"))

    assert_accessible(page, without=OF_DJANGO)


@pytest.mark.parametrize("name", LISTS)
def test_the_page_of_an_object_is_accessible(page, name):
    page.goto(f"/admin/{name}/")
    link = page.locator("#result_list tbody th a").first
    if link.count():
        link.click()
        page.wait_for_url("**/change/**")

    assert_accessible(page, without=OF_DJANGO)


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("path", ["", *LISTS, *FORMS])
def test_no_page_scrolls_sideways(page, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/admin/{path}/".replace("//", "/"))

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_pages_of_an_invitation_are_accessible(page, windows):
    page.goto("/admin/accounts/user/?q=payments")
    page.get_by_role("link", name="payments").first.click()
    page.get_by_role("link", name="Invite").click()
    assert_accessible(page)
    page.get_by_role("button", name="Invite").click()
    link = page.locator("code.link").inner_text()
    assert_accessible(page)
    guest = windows.open()
    guest.goto(link)

    assert_accessible(guest)
    assert guest.get_by_role("heading", name="Set your password").is_visible()


@pytest.mark.parametrize("name", ["images/image", "images/instance"])
def test_a_status_has_one_line(page, name):
    page.set_viewport_size({"width": 1440, "height": 800})
    page.goto(f"/admin/{name}/")

    heights = page.locator("td.field-status").evaluate_all(
        "cells => cells.map((cell) => { const range = document.createRange();"
        " range.selectNodeContents(cell); return range.getClientRects().length; })"
    )
    assert set(heights) == {1}


def test_a_filter_opens_and_a_phone_has_the_navigation_in_a_menu(page):
    page.goto("/admin/accounts/auditevent/")
    page.get_by_role("button", name="Action").first.click()
    page.get_by_role("link", name="Signed in").click()
    assert "verb=session.signed-in" in page.url

    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Instances").click()
    page.wait_for_url("**/admin/images/instance/")
