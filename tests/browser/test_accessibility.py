"""axe finds nothing on any page or in any dialog: WCAG 2.2 AA, light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from .pages import DIALOGS, PAGES, show
from .windows import sign_in

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_accessible(page, *, without=()):
    """Assert that axe finds nothing, outside of the elements with these selectors.

    In the dark only colors differ.
    """
    for scheme, rules in (("light", TAGS), ("dark", ["color-contrast"])):
        # Without motion, transitions of colors end at once.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            # axe needs no style sheets, and would request them from the wrong folder.
            options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
            result = Axe().run(
                page, context={"exclude": [[each] for each in without]}, options=options
            )
            assert result.violations_count == 0, (scheme, width, result.generate_report())


@pytest.mark.parametrize("address", [*PAGES, *DIALOGS])
def test_page_or_dialog(address, windows, showroom):
    account, ids = showroom
    page = windows.open(account)
    show(page, address, ids)

    assert_accessible(page)


def test_sign_in_page(windows):
    page = windows.open()
    page.goto("/sign-in/")
    assert_accessible(page)
    page.get_by_role("button", name="Sign in").click()
    windows.expect("422 POST /sign-in/")
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)


def test_share_dialog(windows, showroom, recipient):
    """Read the states of the list: verdicts, a table, removed entries, sources, an error."""
    account, ids = showroom
    page = windows.open(account)
    show(page, "/bj/images/{spare}/share/", ids)
    table = f"Account\tNote\n{account.account}\tx\n{recipient.account.upper()}\ty\n1.2E+11\tz\n"
    rows = "".join(f"nobody-{number}\t\n" for number in range(8))
    page.get_by_label("Accounts").fill(table + rows)
    expect(page.get_by_text("Read as a table")).to_be_visible()
    expect(page.get_by_role("button", name="Did you mean")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Remove invalid entries").click()
    expect(page.get_by_text("Removed:")).to_be_visible()
    page.get_by_role("button", name="Copy recipients").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    windows.expect(f"422 POST /bj/images/{ids['spare']}/share/check/")
    file = {"name": "list.xlsx", "mimeType": "application/zip", "buffer": b"PK\0"}
    page.get_by_label("Choose CSV file").set_input_files(file)
    expect(page.get_by_text("Can't read this file.")).to_be_visible()
    assert_accessible(page)


def test_share_dialog_that_is_refused(windows, golden, owner, tenants, alter):
    shown, other = tenants(2)
    page = windows.open(owner)
    show(page, "/bj/images/{golden}/share/", {"golden": golden})
    page.get_by_label("Accounts").fill(shown.account)
    expect(page.get_by_text("Shares with 1 account")).to_have_count(1)
    rename = "UPDATE accounts_account SET name = %s WHERE account_id = %s"
    alter(rename, f"{shown.account}-old", shown.account_id)
    alter(rename, shown.account, other.account_id)
    windows.expect(f"422 POST /bj/images/{golden}/share/")
    # Without it, nothing stops OK in the browser.
    page.get_by_label("I checked this image").evaluate("(box) => box.remove()")
    page.get_by_role("button", name="OK", exact=True).dispatch_event("click")
    checked = page.get_by_label("I checked this image")
    expect(checked).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Now means another account")).to_be_visible()
    assert_accessible(page)


@pytest.fixture
def full(golden, owner, recipient, server, alter):
    """Return the ID of an image without room for another recipient."""
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    limit = "UPDATE accounts_account SET recipient_limit = 1 WHERE account_id = %s"
    alter(limit, owner.account_id)
    return golden


def test_share_dialog_of_a_full_image(windows, owner, full):
    page = windows.open(owner)
    show(page, "/bj/images/{golden}/share/", {"golden": full})
    expect(page.get_by_text("the most it can have")).to_be_visible()

    assert_accessible(page)


def test_the_picture_with_an_open_group(windows, server, owner, golden, tenants):
    for each in tenants(2):
        server.client(owner).share_image(golden, account_id=each.account_id)
    page = windows.open(owner, "/bj/")
    assert_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 2000})
    page.get_by_role("link", name="show each account").click()
    expect(page.get_by_role("link", name="Group accounts")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # axe reports what the top bar covers
    assert_accessible(page)


@pytest.mark.parametrize("count", [1, 3])
def test_selected_images(windows, showroom, count):
    account, _ = showroom
    page = windows.open(account)
    boxes = page.locator("#rows tbody [name=image]")
    for number in range(count):
        boxes.nth(number).check()
    expect(page.get_by_text(f"{count} selected")).to_be_visible()
    assert_accessible(page)


def test_page_not_found(windows, showroom):
    account, _ = showroom
    page = windows.open(account)
    windows.expect("404 GET /bj/images/m-00000000/")
    page.goto("/bj/images/m-00000000/")

    assert_accessible(page)


def test_notices_of_errors_and_drafts(windows, showroom):
    account, ids = showroom
    page = windows.open(account)
    show(page, "/bj/images/{golden}/edit/", ids)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Description").fill("one two three four")
    windows.expect(f"503 POST /bj/images/{ids['golden']}/edit/")
    page.route("**/edit/", lambda route: route.fulfill(status=503))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("No response.")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Close without saving?")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.unroute("**/edit/")
    show(page, "/bj/images/{golden}/edit/", ids)
    expect(dialog.get_by_text("What you typed before was restored.")).to_be_visible()
    assert_accessible(page)


def test_open_menus(windows, showroom):
    account, _ = showroom
    page = windows.open(account)
    page.get_by_role("button", name="Account: ").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More actions for golden").click()
    assert_accessible(page)


def test_style_guide(windows):
    page = windows.open()
    sign_in(page, "operator", settings.DEMO_PASSWORD, "/styleguide/")
    assert_accessible(page)
    page.get_by_role("button", name="Disabled with a reason").dispatch_event("click")
    assert_accessible(page)
    page.get_by_role("link", name="Dialog").click()
    page.locator("dialog[open]").wait_for()
    assert_accessible(page)


@pytest.fixture
def half_full(server, golden, owner, tenants, alter):
    """Share the image with two accounts. Return a function that fills up one after the other."""
    ids = [each.account_id for each in tenants(2)]
    for each in ids:
        server.client(owner).share_image(golden, account_id=each)
    limit = "UPDATE accounts_account SET received_image_limit = 0 WHERE account_id = %s"
    return lambda: alter(limit, ids.pop())


def test_choosing_recipients(windows, showroom):
    account, ids = showroom
    page = windows.open(account)
    show(page, "/bj/images/{golden}/unshare/", ids)
    page.get_by_text("Select from a list").click()
    page.get_by_role("textbox", name="Accounts").fill("nobody-at-all")
    page.get_by_role("button", name="Select these accounts").click()
    expect(page.get_by_text("Not a recipient of this image")).to_be_visible()
    page.get_by_role("dialog").get_by_role("searchbox").fill("no-such-account")
    assert_accessible(page)
    windows.expect(f"422 POST /bj/images/{ids['golden']}/unshare/")
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.locator("#id_recipients_error")).to_be_visible()
    assert_accessible(page)


def test_found_and_selected_recipients(windows, showroom):
    account, ids = showroom
    page = windows.open(account, f"/bj/images/{ids['golden']}/?sort=-since&recipient=tenant")
    page.locator("#recipient-rows").get_by_role("checkbox").first.check()
    assert_accessible(page)


@pytest.mark.parametrize("path", ["/bj/images/{}/", "/bj/images/{}/delete/"])
def test_a_page_of_another_account(windows, golden, owner, recipient, path):
    page = windows.open(owner, path.format(golden))
    if not path.endswith("delete/"):
        page.get_by_role("link", name="Delete").first.click()
    sign_in(page.context.new_page(), recipient.account)
    windows.expect(f"409 POST /bj/images/{golden}/delete/")
    page.get_by_role("button", name="Delete image").click()
    expect(page.get_by_role("link", name=f"Continue as {recipient.account}")).to_be_visible()

    assert_accessible(page)


def test_undo_in_part_and_its_ways_out(windows, golden, owner, half_full):
    page = windows.open(owner, f"/bj/images/{golden}/unshare/")
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="OK", exact=True).click()
    undo = page.locator(".message form")
    for number in (1, 2):
        windows.expect(f"422 POST {undo.get_attribute('action')}")
        half_full()
        undo.get_by_role("button", name="Undo").click()
        verdicts = page.get_by_role("dialog").get_by_text("Recipient is at its limit")
        expect(verdicts).to_have_count(number)
        assert_accessible(page)
        page.keyboard.press("Escape")
