"""The owner in one window and the recipient in another, at the same time."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_change_by_the_owner_applies_to_the_next_request_of_the_recipient(
    windows, golden, owner, recipient
):
    theirs = windows.open(recipient, "/bj/images/?type=shared")
    expect(theirs.get_by_text("No images are shared with you yet")).to_be_visible()
    ours = windows.open(owner)
    ours.get_by_role("link", name="Share golden").click()
    dialog = ours.get_by_role("dialog", name="Share Image")
    dialog.get_by_label("I checked this image").check()
    dialog.get_by_label("Accounts").fill(recipient.account_id)
    expect(dialog.get_by_role("listitem").filter(has_text=recipient.account)).to_be_visible()
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()

    theirs.reload()
    row = theirs.get_by_role("row", name="golden")
    expect(row).to_contain_text(owner.account)
    theirs.goto(f"/bj/instances/create/?image={golden}")
    expect(theirs.get_by_role("radio", name="golden")).to_be_checked()
    theirs.get_by_label("Name").fill("web")
    theirs.get_by_label("Password", exact=True).fill("Golden2026!")

    ours.get_by_role("link", name="Unshare golden").click()
    dialog = ours.get_by_role("dialog", name="Unshare")
    dialog.get_by_label("Select all").check()
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()

    windows.expect("422 POST /bj/instances/create/")
    theirs.get_by_role("button", name="Create 1 instance").click()
    expect(theirs.get_by_text("golden is no longer shared with you.")).to_be_visible()
    expect(theirs.get_by_label("Name")).to_have_value("web")
    expect(theirs.get_by_role("radio", name="golden")).to_have_count(0)
    theirs.goto("/bj/images/?type=shared")
    expect(theirs.get_by_text("No images are shared with you yet")).to_be_visible()


def test_an_error_of_the_inbox_does_not_break_the_page(windows, golden, owner, recipient, server):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(recipient)
    page.route("**/inbox/seen/", lambda route: route.fulfill(status=503, body="<p>Not now</p>"))
    windows.expect("503 POST /bj/inbox/seen/")

    page.get_by_role("link", name="Inbox, new items").click()
    dialog = page.locator("dialog#dialog[open]")
    expect(dialog.get_by_text("No response.")).to_be_visible()
    expect(dialog.get_by_text("golden")).to_be_visible()
    page.keyboard.press("Escape")
    page.unroute("**/inbox/seen/")
    page.get_by_role("link", name="Inbox").click()

    expect(page.locator("dialog#dialog[open]")).to_be_visible()
