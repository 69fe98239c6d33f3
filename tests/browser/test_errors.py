"""Errors at the worst moment: the page keeps what it shows, and everything can be tried again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import find_opener
from tests.sdk.clients import new_image

OFFLINE = "No response. Check whether your change was saved, then try again."
STALE = "This page can't be updated right now. It retries by itself."


def answer_503(route):
    route.fulfill(status=503, body="<p>upstream</p>")


@pytest.fixture
def copying(golden, alter):
    """Make the image one that is being copied, so that its pages poll. Return its ID."""
    alter(
        "UPDATE images_image SET passing_status = 'Copying', settles_at = '2126-01-01'"
        " WHERE image_id = %s",
        golden,
    )
    return golden


def open_dialog(page, image_id, action):
    find_opener(page, f"/images/{image_id}/{action}/").dispatch_event("click")
    dialog = page.locator("dialog#dialog[open]")
    dialog.wait_for()
    return dialog


def test_a_poll_that_fails_keeps_the_list_and_comes_back(windows, copying, owner):
    page = windows.open(owner)
    polls = []
    page.on("request", lambda request: polls.append(request.url))
    page.route("**/images/progress/**", answer_503)
    windows.expect(*["503 GET /bj/images/progress/"] * 2)

    notice = page.get_by_text(STALE)
    expect(notice).to_be_visible()
    polls.clear()
    page.wait_for_event("response", lambda response: response.status == 503)
    expect(notice).to_have_count(1)
    expect(page.get_by_role("row", name="golden")).to_be_visible()
    page.unroute("**/images/progress/**")

    expect(notice).to_have_count(0, timeout=20_000)
    page.get_by_role("link", name="Share golden").or_(
        page.get_by_role("link", name="Create Custom Image")
    ).first.click()
    expect(page.locator("dialog#dialog[open]")).to_be_visible()


def test_a_refresh_that_fails_keeps_the_list_and_is_made_up_for(windows, golden, owner):
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "edit")
    dialog.get_by_label("Name").fill("silver")
    page.route("**/bj/images/", answer_503)
    windows.expect("503 GET /bj/images/")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)

    expect(page.get_by_text(STALE)).to_be_visible()
    expect(page.get_by_role("row", name="golden")).to_be_visible()
    page.unroute("**/bj/images/")

    expect(page.get_by_role("row", name="silver")).to_be_visible()
    expect(page.get_by_text("silver was saved.")).to_be_visible()
    expect(page.get_by_text(STALE)).to_have_count(0)


@pytest.mark.parametrize("failure", ["503", "400", "413", "429", "none"])
def test_ok_that_fails_keeps_the_dialog_and_what_was_typed(windows, golden, owner, failure):
    url = f"/bj/images/{golden}/edit/"
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "edit")
    dialog.get_by_label("Name").fill("silver")
    if failure == "none":
        page.route(f"**{url}", lambda route: route.abort("connectionfailed"))
        windows.expect(*[f"net::ERR_CONNECTION_FAILED: {windows.url}{url}"] * 2)
    else:
        page.route(f"**{url}", lambda route: route.fulfill(status=int(failure), body="busy"))
        windows.expect(*[f"{failure} POST {url}"] * 2)

    for _ in range(2):
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_text(OFFLINE)).to_have_count(1)
        expect(dialog.locator(".failure")).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_value("silver")
    dialog.get_by_role("button", name="Dismiss").click()
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.unroute(f"**{url}")
    dialog.get_by_role("button", name="Save").click()

    expect(page.get_by_text("silver was saved.")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_too_many_requests_keep_the_dialog_and_what_was_typed(windows, golden, owner):
    """The server can't be made to refuse by its budget here: this is what it answers."""
    url = f"/bj/images/{golden}/edit/"
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "edit")
    dialog.get_by_label("Name").fill("silver")
    answer = {
        "status": 429,
        "headers": {"x-bce-request-id": "1234", "HX-Reswap": "none"},
        "body": '<div class="sheet"><div class="notice bad"><p>Too many requests.</p></div></div>',
    }
    page.route(f"**{url}", lambda route: route.fulfill(**answer))
    windows.expect(f"429 POST {url}")

    dialog.get_by_role("button", name="Save").click()

    expect(dialog.locator(".failure")).to_have_text(re.compile("Too many requests."))
    expect(dialog.get_by_label("Name")).to_have_value("silver")


def test_a_verdict_that_fails_leaves_the_focus_in_the_box(windows, golden, owner, recipient):
    url = f"/bj/images/{golden}/share/check/"
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "share")
    page.route(f"**{url}", answer_503)
    windows.expect(f"503 POST {url}")
    dialog.get_by_label("Accounts").press_sequentially(recipient.account)
    expect(dialog.get_by_text("No response. Try again.")).to_be_visible()
    expect(dialog.get_by_label("Accounts")).to_be_focused()
    page.unroute(f"**{url}")

    page.keyboard.type("\n")

    expect(dialog.get_by_role("listitem").filter(has_text=recipient.account)).to_be_visible()
    expect(dialog.get_by_text("No response. Try again.")).to_have_count(0)


def test_a_verdict_for_a_dialog_that_was_closed(windows, golden, owner):
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "share")
    page.route("**/share/check/", lambda route: None)  # never answered
    with page.expect_request("**/share/check/"):
        dialog.get_by_label("Accounts").fill("nobody")
    with page.expect_event("requestfailed"):
        page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(page.locator(".failure")).to_have_count(0)


def test_ok_while_a_verdict_is_on_its_way(windows, golden, owner, recipient):
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "share")
    dialog.get_by_label("I checked this image").check()
    page.route("**/share/check/", lambda route: None)  # never answered
    with page.expect_request("**/share/check/"):
        dialog.get_by_label("Accounts").fill(recipient.account)
    dialog.get_by_role("button", name="OK", exact=True).click()

    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()
    expect(page.locator(".failure")).to_have_count(0)


@pytest.mark.parametrize("action", ["edit", "share"])
def test_ok_for_an_image_that_was_deleted_says_so_and_the_list_knows(
    windows, golden, owner, server, action
):
    new_image(server.client(owner), "spare")
    page = windows.open(owner)
    dialog = open_dialog(page, golden, action)
    server.client(owner).delete_image(golden)
    windows.expect(f"404 POST /bj/images/{golden}/{action}/")

    if action == "share":
        dialog.get_by_label("Accounts").fill("somebody")
        dialog.get_by_label("I checked this image").check()
        windows.expect(f"404 POST /bj/images/{golden}/share/check/")
        dialog.get_by_text("golden was deleted.").wait_for()
        windows.expected[f"404 POST /bj/images/{golden}/share/"] -= 1
    else:
        dialog.get_by_role("button", name="Save").click()

    expect(dialog.get_by_text("golden was deleted.")).to_be_visible()
    expect(dialog.get_by_role("link", name="Close", exact=True).last).to_be_focused()
    expect(page.get_by_role("row", name="golden")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Create Custom Image").click()
    expect(page.locator("dialog#dialog[open]")).to_be_visible()


def test_a_copy_canceled_elsewhere_while_its_page_polls(windows, copying, owner):
    page = windows.open(owner, f"/bj/images/{copying}/")
    elsewhere = windows.open(owner, f"/bj/images/{copying}/cancel/")
    elsewhere.get_by_role("button", name="Cancel copy").click()
    windows.expect(f"404 GET /bj/images/{copying}/")

    expect(page.get_by_text("The copy golden was canceled.")).to_be_visible()
    expect(page.locator("[hx-trigger^='every']")).to_have_count(0)
    expect(page.locator("dialog#dialog")).to_have_count(1)
    page.get_by_role("main").get_by_role("link", name="Image List").click()
    expect(page.get_by_role("heading", name="Image List")).to_be_visible()


def test_opening_a_dialog_that_fails(windows, golden, owner, server):
    page = windows.open(owner)
    url = f"/bj/images/{golden}/edit/"
    page.route(f"**{url}", lambda route: route.abort("connectionfailed"))
    windows.expect(f"net::ERR_CONNECTION_FAILED: {windows.url}{url}")
    opener = find_opener(page, url)
    opener.dispatch_event("click")
    expect(page.get_by_role("status").get_by_text("No response. Try again.")).to_be_visible()
    page.unroute(f"**{url}")
    server.client(owner).delete_image(golden)
    windows.expect(f"404 GET {url}")
    opener.dispatch_event("click")

    dialog = page.get_by_role("dialog", name="No longer available")
    expect(dialog.get_by_text("golden was deleted.")).to_be_visible()
    expect(page.get_by_text("No response.")).to_have_count(0)
    expect(page.get_by_role("row", name="golden")).to_have_count(0)


def test_without_javascript_an_error_is_a_page_with_a_way_back(windows, golden, owner, server):
    page = windows.open(owner, f"/bj/images/{golden}/edit/", java_script_enabled=False)
    server.client(owner).delete_image(golden)
    windows.expect(f"404 POST /bj/images/{golden}/edit/")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="No longer available")).to_be_visible()
    expect(page.get_by_text("golden was deleted.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Image List").click()
    expect(page.get_by_role("heading", name="Image List")).to_be_visible()
