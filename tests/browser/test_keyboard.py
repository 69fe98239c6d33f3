"""Share and unshare with the keyboard only, from the sign-in page on."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.factories import PASSWORD

from .windows import focused, tab_to


def test_share_and_unshare(windows, golden, owner, recipient):
    page = windows.open()
    page.goto("/sign-in/?next=/bj/images/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(owner.account)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Image List")).to_be_visible()

    tab_to(page, page.get_by_role("checkbox", name="Select golden"))
    page.keyboard.press("Space")
    share = page.get_by_role("button", name="Share Image")
    tab_to(page, share, key="Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share Image")
    accounts = dialog.get_by_label("Accounts")
    expect(accounts).to_be_focused()
    page.keyboard.type(recipient.account)
    # Otherwise OK could abort the request for the verdict.
    verdict = dialog.get_by_role("listitem").filter(has_text=recipient.account)
    expect(verdict).to_contain_text("Ready")
    tab_to(page, dialog.get_by_label("I checked this image"))
    page.keyboard.press("Space")
    tab_to(page, dialog.get_by_role("button", name="OK", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()
    expect(share).to_be_focused()

    toolbar = page.get_by_role("group", name="Actions for the selected images")
    unshare = toolbar.get_by_role("button", name="Unshare")
    tab_to(page, unshare)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Unshare")
    expect(dialog.get_by_label("Select all")).to_be_focused()
    tab_to(page, dialog.get_by_role("checkbox", name=recipient.account))
    page.keyboard.press("Space")
    tab_to(page, dialog.get_by_role("button", name="OK", exact=True))
    page.keyboard.press("Enter")
    expect(
        page.get_by_text(f"golden is no longer shared with {recipient.account}.")
    ).to_be_visible()
    expect(unshare).to_be_focused()


def test_a_dialog_keeps_the_focus_and_gives_it_back(windows, golden, owner):
    page = windows.open(owner)
    opener = page.locator(f"#share-{golden}")
    tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share Image")
    expect(dialog.get_by_label("Accounts")).to_be_focused()
    stops = dialog.locator("a[href], button:visible, input, textarea").count()

    for key in ("Tab", "Shift+Tab"):
        for _ in range(stops + 3):
            page.keyboard.press(key)
            assert focused(page)["dialog"] or focused(page)["tag"] == "BODY"
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(opener).to_be_focused()


def test_a_menu_opens_and_closes(windows, golden, owner):
    page = windows.open(owner)
    more = page.get_by_role("button", name="More actions for golden")
    tab_to(page, more)
    page.keyboard.press("Enter")
    delete = page.get_by_role("link", name="Delete")
    expect(delete).to_be_visible()
    page.keyboard.press("Escape")
    expect(delete).not_to_be_visible()
    expect(more).to_be_focused()

    page.keyboard.press("Space")
    tab_to(page, delete)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Delete image")).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()


def test_shortcuts(windows, golden, owner):
    page = windows.open(owner)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Name or ID")).to_be_focused()
    page.keyboard.type("nothing")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("[?&]q=nothing$"))


def test_undo_in_a_message_leaves_the_focus_on_the_page(windows, golden, owner, recipient, server):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(owner, path=f"/bj/images/{golden}/")
    page.get_by_role("link", name=f"Unshare {recipient.account}").click()
    page.get_by_role("dialog").get_by_role("button", name="OK", exact=True).click()
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    tab_to(page, undo, key="Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text(f"golden is shared again with {recipient.account}.")).to_be_visible()
    expect(page.locator("#page")).to_be_focused()


def test_undo_in_the_activity_leaves_the_focus_on_the_page(
    windows, golden, owner, recipient, server
):
    client = server.client(owner)
    client.share_image(golden, account_id=recipient.account_id)
    client.unshare_image(golden, account_id=recipient.account_id)
    page = windows.open(owner, path="/bj/activity/")
    tab_to(page, page.get_by_role("link", name="Undo").first)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Undo unshare")
    tab_to(page, dialog.get_by_role("button", name="Share again with 1 account"))
    page.keyboard.press("Enter")

    expect(page.get_by_text(f"golden is shared again with {recipient.account}.")).to_be_visible()
    expect(page.locator("#page")).to_be_focused()
