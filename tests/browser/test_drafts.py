"""What was typed is there again when the same person opens the same dialog of the same thing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.pages import find_opener
from tests.factories import PASSWORD

RESTORED = "What you typed before was restored."


@pytest.fixture
def page(windows, owner, golden):
    return windows.open(owner)


def open_dialog(page, image_id, action):
    find_opener(page, f"/images/{image_id}/{action}/").dispatch_event("click")
    dialog = page.locator("dialog#dialog[open]")
    dialog.wait_for()
    return dialog


def close(page, button="Close"):
    """Close the dialog with Esc. If it asks first, press `button`."""
    page.keyboard.press("Escape")
    page.wait_for_function("!dialog.open || document.querySelector('#close-question')")
    if page.locator("#close-question").count():
        page.locator("#close-question").get_by_role("button", name=button).click()
    page.wait_for_function("!dialog.open")


def sign_in_again(page, account, path):
    """Sign in on the page that the end of the session led to, which leads back to `path`."""
    page.wait_for_url("**/sign-in/?next=**")
    page.get_by_label("Username").fill(account)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"**{path}")


def test_share_list_and_tick_come_back_and_are_checked_again(page, golden, recipient):
    dialog = open_dialog(page, golden, "share")
    dialog.get_by_label("Accounts").fill(f"{recipient.account}\nnobody")
    dialog.get_by_label("I checked this image").check()
    close(page)

    dialog = open_dialog(page, golden, "share")
    expect(dialog.get_by_text(RESTORED)).to_be_visible()
    expect(dialog.get_by_label("Accounts")).to_have_value(f"{recipient.account}\nnobody")
    expect(dialog.get_by_label("I checked this image")).to_be_checked()
    expect(dialog.get_by_role("listitem").filter(has_text="nobody")).to_be_visible()
    dialog.get_by_role("button", name="Start over").click()

    expect(dialog.get_by_text(RESTORED)).to_have_count(0)
    expect(dialog.get_by_label("Accounts")).to_have_value("")
    expect(dialog.get_by_label("Accounts")).to_be_focused()
    expect(dialog.get_by_label("I checked this image")).not_to_be_checked()
    close(page)
    dialog = open_dialog(page, golden, "share")
    expect(dialog.get_by_label("Accounts")).to_have_value("")


def test_the_answer_of_the_server_is_the_draft(page, golden, recipient):
    dialog = open_dialog(page, golden, "share")
    dialog.get_by_label("Accounts").fill(f"{recipient.account}\nnobody")
    dialog.get_by_role("button", name="Remove invalid entries").click()
    expect(dialog.get_by_label("Accounts")).to_have_value(recipient.account)
    close(page)

    dialog = open_dialog(page, golden, "share")
    expect(dialog.get_by_label("Accounts")).to_have_value(recipient.account)


def test_a_link_inside_the_dialog(page, golden, recipient):
    dialog = open_dialog(page, golden, "share")
    dialog.get_by_label("Accounts").fill(recipient.account)
    dialog.get_by_role("link", name="copy it there first").click()
    dialog.get_by_label("Name").fill("copied")
    close(page)

    dialog = open_dialog(page, golden, "share")
    expect(dialog.get_by_label("Accounts")).to_have_value(recipient.account)
    close(page)
    dialog = open_dialog(page, golden, "copy")
    expect(dialog.get_by_label("Name")).to_have_value("copied")


def test_closing_asks_first(page, golden):
    dialog = open_dialog(page, golden, "edit")
    description = dialog.get_by_label("Description")
    description.fill("web")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    dialog = open_dialog(page, golden, "edit")
    description.fill("web server of the shop")
    dialog.get_by_role("link", name="Cancel").click()

    question = dialog.get_by_role("alert").filter(has_text="Close without saving?")
    keep = question.get_by_role("button", name="Keep editing")
    expect(keep).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_have_count(0)
    expect(description).to_have_value("web server of the shop")
    page.keyboard.press("Escape")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    dialog = open_dialog(page, golden, "edit")
    expect(description).to_have_value("web server of the shop")
    expect(dialog.get_by_label("Name")).to_have_value("golden")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("golden was saved.")).to_be_visible()
    dialog = open_dialog(page, golden, "edit")
    expect(dialog.get_by_text(RESTORED)).to_have_count(0)


def test_ticks_of_unshare_come_back_but_not_over_another_choice(
    windows, golden, owner, tenants, server
):
    others = tenants(5)
    for each in others:
        server.client(owner).share_image(golden, account_id=each.account_id)
    page = windows.open(owner, f"/bj/images/{golden}/")
    dialog = open_dialog(page, golden, "unshare")
    for each in others[:3]:
        dialog.get_by_role("checkbox", name=each.account).check()
    close(page)

    dialog = open_dialog(page, golden, "unshare")
    expect(dialog.get_by_text(RESTORED)).to_be_visible()
    expect(dialog.get_by_text("Unshares from 3 of 5 accounts")).to_be_visible()
    dialog.get_by_label("Select all").check()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=f"Unshare {others[4].account}").click()
    expect(dialog.get_by_text("Unshares from 1 of 5 account")).to_be_visible()
    close(page)

    dialog = open_dialog(page, golden, "unshare")
    expect(dialog.get_by_text("Unshares from 5 of 5 accounts")).to_be_visible()


def test_a_poll_that_ends_the_session(windows, golden, owner, alter):
    alter(
        "UPDATE images_image SET passing_status = 'Copying', settles_at = '2126-01-01'"
        " WHERE image_id = %s",
        golden,
    )
    page = windows.open(owner)
    dialog = open_dialog(page, golden, "edit")
    dialog.get_by_label("Name").fill("silver")
    dialog.get_by_label("Description").fill("of the shop")
    windows.expect("401 GET /bj/images/progress/")
    page.context.clear_cookies()

    sign_in_again(page, owner.account, "/bj/images/")
    dialog = open_dialog(page, golden, "edit")
    expect(dialog.get_by_label("Name")).to_have_value("silver")
    expect(dialog.get_by_label("Description")).to_have_value("of the shop")


def test_a_session_that_ended_before_ok(windows, page, golden, owner, recipient):
    dialog = open_dialog(page, golden, "share")
    dialog.get_by_label("Accounts").fill(recipient.account)
    dialog.get_by_label("I checked this image").check()
    expect(dialog.get_by_text("Shares with 1 account")).to_be_visible()
    windows.expect(f"401 POST /bj/images/{golden}/share/")
    page.context.clear_cookies()
    dialog.get_by_role("button", name="OK", exact=True).click()

    sign_in_again(page, owner.account, "/share/")
    expect(page.get_by_label("I checked this image")).to_be_checked()
    expect(page.get_by_text("Shares with 1 account")).to_be_visible()
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()
    page.goto(f"/bj/images/{golden}/share/")
    expect(page.get_by_label("Accounts")).to_have_value("")


def test_a_page_form_keeps_its_draft_over_an_error_a_reload_and_another_language(
    windows, golden, owner
):
    url = f"/bj/images/{golden}/edit/"
    page = windows.open(owner, url)
    page.get_by_label("Name").fill("silver")
    page.route(f"**{url}", lambda route: route.fulfill(status=503, body="<p>Not now</p>"))
    windows.expect(f"503 POST {url}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not now")).to_be_visible()
    page.unroute(f"**{url}")
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value("silver")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("silver")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("[name=name]")).to_have_value("silver")
    page.get_by_role("button", name="English").click()
    page.get_by_label("Name").fill("!")
    windows.expect(f"422 POST {url}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=name]")).to_have_attribute("aria-invalid", "true")
    page.goto(url)
    expect(page.get_by_label("Name")).to_have_value("!")

    page.get_by_label("Name").fill("silver")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("silver was saved.")).to_be_visible()
    page.goto(url)
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_a_session_that_ended_before_a_page_form_was_sent(windows, golden, owner):
    url = f"/bj/images/{golden}/edit/"
    page = windows.open(owner, url)
    page.get_by_label("Name").fill("silver")
    page.get_by_label("Description").fill("of the shop")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()

    sign_in_again(page, owner.account, url)
    expect(page.get_by_label("Name")).to_have_value("silver")
    expect(page.get_by_label("Description")).to_have_value("of the shop")


def test_create_instance_but_its_password(windows, golden, owner):
    url = f"/bj/instances/create/?image={golden}"
    page = windows.open(owner, url)
    page.get_by_label("Name").fill("web")
    page.locator("[name=count]").fill("2")
    page.get_by_label("Password", exact=True).fill("Golden2026!")
    page.reload()

    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("web")
    expect(page.get_by_role("button", name="Create 2 instances")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    page.get_by_label("Password", exact=True).fill("Golden2026!")
    page.get_by_role("button", name="Create 2 instances").click()
    expect(page.get_by_role("heading", name="Instances")).to_be_visible()
    page.goto(url)
    expect(page.get_by_text(RESTORED)).to_have_count(0)


def test_nobody_else_gets_a_draft(windows, golden, owner, recipient, server):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(owner)
    page.goto(f"/bj/instances/create/?image={golden}")
    page.get_by_label("Name").fill("web")
    page.context.clear_cookies()
    page.reload()
    sign_in_again(page, recipient.account, f"image={golden}")
    expect(page.get_by_label("Name")).to_have_value("")
    page.context.clear_cookies()
    page.reload()
    sign_in_again(page, owner.account, f"image={golden}")
    expect(page.get_by_label("Name")).to_have_value("")


def test_nothing_is_left_after_signing_out(page, golden, owner):
    dialog = open_dialog(page, golden, "edit")
    dialog.get_by_label("Name").fill("silver")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Account: {owner.account}").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.goto("/sign-in/?next=/bj/images/")
    sign_in_again(page, owner.account, "/bj/images/")

    dialog = open_dialog(page, golden, "edit")
    expect(dialog.get_by_label("Name")).to_have_value("golden")
