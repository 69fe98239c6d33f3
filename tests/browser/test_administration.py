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
# Pages of one object, with the list it is found in
PAGES_OF_OBJECTS = {
    "accounts/account": ["change", "close"],
    "accounts/user": ["change", "delete", "invite", "password"],
    "images/image": ["change", "share"],
    "images/region": ["change"],
}
ACTIONS = {
    "accounts/accesskey": ["disable", "delete"],
    "images/instance": ["release"],
    "images/sharegrant": ["unshare"],
}


@pytest.fixture
def page(windows, showroom, sessions):
    """Return a page of the operator, who signs in once."""
    if "operator" not in sessions:
        page = windows.open()
        sign_in(page, "operator", settings.DEMO_PASSWORD, "/admin/")
        sessions["operator"] = page.context.storage_state()
    page = windows.open(storage_state=sessions["operator"])
    page.goto("/admin/")
    return page


def assert_sound(page):
    """Assert that the page is accessible, and that it doesn't scroll sideways."""
    assert_accessible(page, without=OF_DJANGO)
    for width in (320, 390, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        sideways = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(sideways) <= 0, (page.url, width)


@pytest.mark.parametrize("path", ["", *LISTS, *FORMS, "password_change"])
def test_a_page(page, path):
    page.goto(f"/admin/{path}/".replace("//", "/"))

    assert_sound(page)


@pytest.mark.parametrize("name", [name for name in LISTS if name not in PAGES_OF_OBJECTS])
def test_the_page_of_an_object(page, name):
    page.goto(f"/admin/{name}/")
    link = page.locator("#result_list tbody th a").first
    if link.count():
        link.click()
        page.wait_for_url("**/change/**")

    assert_sound(page)


@pytest.mark.parametrize(("name", "kinds"), PAGES_OF_OBJECTS.items())
def test_every_page_of_an_object_that_is_edited(page, showroom, name, kinds):
    owner, _ = showroom
    searched = "golden" if name == "images/image" else owner.account
    page.goto(f"/admin/{name}/?q={searched}")
    change = page.locator("#result_list tbody th a").first.get_attribute("href")
    for kind in kinds:
        page.goto(change.partition("change/")[0] + f"{kind}/")
        assert_sound(page)


@pytest.mark.parametrize(
    ("name", "action"), [(name, each) for name, actions in ACTIONS.items() for each in actions]
)
def test_the_question_of_an_action(page, name, action):
    page.goto(f"/admin/{name}/")
    page.get_by_role("checkbox").nth(1).check()
    page.locator("select[name=action]").select_option(action)
    page.get_by_role("button", name="Go").click()
    page.locator(".delete-confirmation").wait_for()

    assert_sound(page)


def test_a_refused_form_and_a_preview(page, windows):
    page.goto("/admin/images/image/add/")
    windows.expect("422 POST /admin/images/image/add/")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errornote").wait_for()
    assert_sound(page)
    for account in ("two words", "not-there-yet"):
        page.goto("/admin/accounts/account/import/")
        file = {"name": "a.csv", "mimeType": "text/csv", "buffer": f"account\n{account}\n".encode()}
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Check file").click()
        page.get_by_role("table").wait_for()
        assert_sound(page)


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
        " range.selectNodeContents(cell); return range.getBoundingClientRect().height; })"
    )
    assert 0 < max(heights) < 25


def test_a_filter_opens_and_a_phone_has_the_navigation_in_a_menu(page):
    page.goto("/admin/accounts/auditevent/")
    page.get_by_role("button", name="Action").first.click()
    page.get_by_role("link", name="Signed in").click()
    assert "verb=session.signed-in" in page.url

    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Instances").click()
    page.wait_for_url("**/admin/images/instance/")
