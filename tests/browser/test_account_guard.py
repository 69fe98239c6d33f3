"""A page never acts for another account or person than the one it shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .windows import sign_in

ADD_PERSON = """
    INSERT INTO accounts_user (username, password, account_id, is_active, is_staff, is_superuser,
        email, time_zone, date_joined, inbox_seen_at)
    SELECT %s, password, account_id, true, false, false, '', '', now(), now()
    FROM accounts_user WHERE username = %s
"""
MOVE = """
    UPDATE accounts_user SET account_id = (SELECT id FROM accounts_account WHERE name = %s)
    WHERE username = %s
"""


@pytest.fixture(params=["htmx", "plain"])
def page(request, windows, owner, golden):
    """Return a window with the form to delete golden, with JavaScript and without."""
    page = windows.open(owner, java_script_enabled=request.param == "htmx")
    if request.param == "htmx":
        page.get_by_role("link", name="golden", exact=True).click()
        page.get_by_role("link", name="Delete").first.click()
        page.get_by_role("dialog", name="Delete image").wait_for()
    else:
        page.goto(f"/bj/images/{golden}/delete/")
    return page


@pytest.fixture
def press_delete(windows, page, golden):
    """Return a function that sends the form. The response is expected to have this status."""

    def press_delete(status=None):
        if status:
            windows.expect(f"{status} POST /bj/images/{golden}/delete/")
        page.get_by_role("button", name="Delete image").click()

    return press_delete


@pytest.fixture
def is_there(server, owner, golden):
    """Return a function that returns True if golden was not deleted."""
    return lambda: bool(server.client(owner).list_images(image_name="golden").images)


def test_somebody_else_signed_in(page, press_delete, owner, recipient, is_there):
    sign_in(page.context.new_page(), recipient.account)

    press_delete(409)

    expect(
        page.get_by_text(
            f"This page belongs to account {owner.account}, but you are now signed in to account "
            f"{recipient.account}. Nothing was changed."
        )
    ).to_be_visible()
    expect(page.get_by_role("button", name="Delete image")).to_have_count(0)
    assert is_there()
    page.get_by_role("link", name=f"Continue as {recipient.account}").click()
    page.wait_for_url("**/bj/images/")
    expect(page.get_by_role("button", name=f"Account: {recipient.account}")).to_be_visible()


def test_a_colleague_signed_in(page, press_delete, owner, alter, is_there):
    colleague = f"colleague-of-{owner.account}"
    alter(ADD_PERSON, colleague, owner.account)
    sign_in(page.context.new_page(), colleague)

    press_delete(409)

    expect(
        page.get_by_text(
            f"This page belongs to {owner.account}, but {colleague} is now signed in to account "
            f"{owner.account}. Nothing was changed."
        )
    ).to_be_visible()
    assert is_there()
    page.get_by_role("link", name=f"Continue as {colleague}").click()
    expect(page.get_by_role("row", name="golden")).to_be_visible()


def test_the_person_was_moved_to_another_account(page, press_delete, owner, recipient, alter):
    alter(MOVE, recipient.account, owner.account)

    press_delete(409)

    expect(page.get_by_text(f"signed in to account {recipient.account}")).to_be_visible()
    page.get_by_role("link", name=f"Continue as {recipient.account}").click()
    expect(page.get_by_text("No custom images yet")).to_be_visible()


def test_the_same_person_signed_in_again(page, press_delete, owner):
    sign_in(page.context.new_page(), owner.account)

    press_delete(403)

    if page.locator("dialog[open]").count():
        expect(page.get_by_text("Nothing was changed. Submit it again.")).to_be_visible()
    else:
        page.go_back()
        page.reload()
    press_delete()
    expect(page.get_by_text("golden was deleted.")).to_be_visible()


def test_a_poll_says_that_somebody_else_signed_in(windows, owner, recipient, golden, alter):
    alter(
        "UPDATE images_image SET passing_status = 'Copying', settles_at = '2126-01-01'"
        " WHERE image_id = %s",
        golden,
    )
    page = windows.open(owner)
    path = "/bj/images/progress/"
    sign_in(page.context.new_page(), recipient.account)

    sentence = f"you are now signed in to account {recipient.account}."
    expect(page.get_by_role("status").get_by_text(sentence)).to_be_visible()
    page.get_by_role("link", name=f"Continue as {recipient.account}").click()
    expect(page.get_by_text("No custom images yet")).to_be_visible()
    page.context.close()
    assert windows.problems[f"409 GET {path}"] >= 1
    windows.problems.clear()


def test_the_undo_of_a_message(windows, owner, recipient, golden, server):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(owner)
    page.get_by_role("link", name="Unshare golden").click()
    dialog = page.get_by_role("dialog", name="Unshare")
    dialog.get_by_role("checkbox", name=recipient.account).check()
    dialog.get_by_role("button", name="OK", exact=True).click()
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    restore = page.locator("#messages form").get_attribute("action")
    windows.expect(f"403 POST {restore}", f"409 POST {restore}")

    sign_in(page.context.new_page(), owner.account)
    undo.click()
    expect(page.get_by_text("Submit it again.")).to_be_visible()

    sign_in(page.context.new_page(), recipient.account)
    undo.click()
    expect(page.get_by_role("dialog").get_by_text(recipient.account).first).to_be_visible()
    assert not server.client(owner).list_shared_user(golden).users


def test_a_busy_server_first_and_somebody_else_then(page, press_delete, recipient, is_there):
    """A form that a 503 answered is no form of the person who is signed in by now."""
    url = "**/bj/images/*/delete/"
    page.route(url, lambda route: route.fulfill(status=503, body="<p>Not now</p>"))
    press_delete(503)
    page.unroute(url)
    if not page.locator("dialog[open]").count():
        page.go_back()
    sign_in(page.context.new_page(), recipient.account)

    press_delete(409)

    expect(page.get_by_role("link", name=f"Continue as {recipient.account}")).to_be_visible()
    assert is_there()
