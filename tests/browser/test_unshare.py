"""Take an image back from some of many recipients: search, paste a list, select all."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .test_errors import answer_503


@pytest.fixture
def recipients(server, golden, owner, tenants):
    """Share the image with twelve accounts. Return them in order of their names."""
    accounts = tenants(12)
    for each in accounts:
        server.client(owner).share_image(golden, account_id=each.account_id)
    return sorted(accounts, key=lambda each: each.account)


@pytest.fixture
def names(recipients):
    return [each.account for each in recipients]


def open_unshare(windows, owner, golden):
    """Open the page of the image and its Unshare dialog. Return both."""
    page = windows.open(owner, f"/bj/images/{golden}/")
    page.get_by_role("link", name="Unshare", exact=True).click()
    return page, page.get_by_role("dialog", name="Unshare")


def box(scope, name):
    return scope.get_by_role("checkbox", name=re.compile(rf"^(Select )?{name}\b"))


def expect_recipients(page, number):
    page.goto(re.sub(r"/images/.*", "/images/", page.url))
    expect(page.get_by_role("row", name="golden")).to_contain_text(f"{number} / 50")


def test_the_chosen_ones_stay_in_view_while_searching(windows, golden, owner, names):
    page, dialog = open_unshare(windows, owner, golden)
    one, two, other = names[0], names[1], names[2]
    box(dialog, one).check()
    search = dialog.get_by_role("searchbox", name="Search accounts")

    search.fill(two)
    expect(box(dialog, one)).to_be_visible()
    expect(box(dialog, other)).not_to_be_visible()
    box(dialog, two).check()
    search.fill("no-such-account")
    expect(box(dialog, one)).to_be_visible()
    expect(box(dialog, two)).to_be_visible()
    expect(dialog.locator("footer")).to_contain_text("Unshares from 2 of 12 accounts")
    dialog.get_by_role("button", name="OK", exact=True).click()

    message = f"golden is no longer shared with {one}, {two}."
    expect(page.get_by_role("status").get_by_text(message)).to_be_visible()
    expect_recipients(page, 10)


def test_select_all_works_both_ways_under_a_filter(windows, golden, owner, names):
    _page, dialog = open_unshare(windows, owner, golden)
    search = dialog.get_by_role("searchbox", name="Search accounts")
    everything = dialog.get_by_role("checkbox", name="Select all", exact=True)
    results = dialog.get_by_role("checkbox", name="Select all results")
    footer = dialog.locator("footer")
    box(dialog, names[5]).check()

    search.fill(names[0])
    expect(everything).not_to_be_visible()
    expect(results).not_to_be_checked()
    results.check()
    expect(footer).to_contain_text("Unshares from 2 of 12 accounts")
    search.fill("")
    expect(everything).to_have_js_property("indeterminate", value=True)
    search.fill(names[0])
    expect(results).to_be_checked()
    results.uncheck()
    expect(footer).to_contain_text("Unshares from 1 of 12 account")
    search.fill("")
    everything.check()
    expect(footer).to_contain_text("Unshares from 12 of 12 accounts")


def test_a_row_that_is_unticked_stays_until_the_focus_leaves_it(windows, golden, owner, names):
    page, dialog = open_unshare(windows, owner, golden)
    box(dialog, names[0]).check()
    search = dialog.get_by_role("searchbox", name="Search accounts")
    search.fill("no-such-account")

    box(dialog, names[0]).focus()
    page.keyboard.press("Space")
    expect(box(dialog, names[0])).to_be_focused()
    search.focus()
    expect(box(dialog, names[0])).not_to_be_visible()
    expect(dialog.locator("footer")).to_contain_text("Select at least one account.")


def test_a_list_is_pasted_to_choose_from(windows, golden, owner, recipients, names):
    page, dialog = open_unshare(windows, owner, golden)
    dialog.get_by_text("Select from a list").click()
    pasted = f"Account\tNote\n{names[2]}\tone\n{recipients[7].account_id}\ttwo\nstranger\tthree"
    dialog.get_by_role("textbox", name="Accounts").fill(pasted)
    dialog.get_by_role("button", name="Select these accounts").click()

    expect(dialog.get_by_text("Selected 2 accounts of the list.")).to_be_visible()
    expect(dialog.get_by_text("Not a recipient of this image: stranger")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Accounts")).to_be_focused()
    expect(box(dialog, names[2])).to_be_checked()
    expect(box(dialog, names[7])).to_be_checked()
    expect(dialog.locator("footer")).to_contain_text("Unshares from 2 of 12 accounts")
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()
    expect_recipients(page, 10)


@pytest.mark.usefixtures("recipients")
def test_the_error_goes_away_with_the_first_tick(windows, golden, owner, names):
    _page, dialog = open_unshare(windows, owner, golden)
    windows.expect(f"422 POST /bj/images/{golden}/unshare/")
    dialog.get_by_role("button", name="OK", exact=True).click()
    error = dialog.locator(".error", has_text="Select at least one account.")
    expect(error).to_be_visible()

    box(dialog, names[3]).check()

    expect(error).not_to_be_visible()


def test_an_error_at_ok_keeps_the_dialog_and_the_ticks(windows, golden, owner, names):
    page, dialog = open_unshare(windows, owner, golden)
    box(dialog, names[4]).check()
    page.route("**/unshare/", answer_503)
    windows.expect(f"503 POST /bj/images/{golden}/unshare/")
    ok = dialog.get_by_role("button", name="OK", exact=True)
    ok.click()
    expect(dialog.get_by_text("No response.")).to_be_visible()
    expect(box(dialog, names[4])).to_be_checked()
    page.unroute("**/unshare/")
    ok.click()

    expect(dialog).not_to_be_visible()
    expect_recipients(page, 11)


def test_an_error_at_the_list_keeps_the_list(windows, golden, owner, names):
    page, dialog = open_unshare(windows, owner, golden)
    box(dialog, names[4]).check()
    dialog.get_by_text("Select from a list").click()
    pasted = dialog.get_by_role("textbox", name="Accounts")
    pasted.fill(names[6])
    page.route("**/unshare/choose/", answer_503)
    windows.expect(f"503 POST /bj/images/{golden}/unshare/choose/")
    select = dialog.get_by_role("button", name="Select these accounts")
    select.click()
    expect(dialog.get_by_text("No response.")).to_be_visible()
    expect(pasted).to_have_value(names[6])
    page.unroute("**/unshare/choose/")
    select.click()

    expect(dialog.locator("footer")).to_contain_text("Unshares from 2 of 12 accounts")


def test_from_the_page_of_the_image(windows, golden, owner, names):
    page = windows.open(owner, f"/bj/images/{golden}/")
    table = page.get_by_role("table", name="Accounts with access to golden")
    unshare = page.locator("#unshare-selected")
    expect(unshare).not_to_be_visible()
    search = page.get_by_role("searchbox", name="Search accounts")
    search.fill(names[8])
    box(table, names[8]).check()
    search.fill(names[9])
    box(table, names[9]).check()
    expect(box(table, names[8])).to_be_visible()
    expect(unshare).to_have_text(re.compile(r"\s*Unshare from 2 accounts\s*"))
    unshare.click()

    dialog = page.get_by_role("dialog", name="Unshare")
    expect(dialog.locator("footer")).to_contain_text("Unshares from 2 of 12 accounts")
    page.keyboard.press("Escape")
    expect(unshare).to_be_focused()
    unshare.click()
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()
    expect(search).to_have_value(names[9])
    expect(page.get_by_text("10 of 50 accounts")).to_be_visible()


def test_the_table_of_recipients_sorts_by_its_address(windows, golden, owner, names):
    page = windows.open(owner, f"/bj/images/{golden}/")
    table = page.get_by_role("table", name="Accounts with access to golden")
    table.get_by_role("link", name="Account and ID").click()

    expect(page).to_have_url(re.compile(r"\?sort=-account#recipients$"))
    first = table.get_by_role("row").nth(1)
    expect(first.get_by_role("rowheader")).to_contain_text(names[-1])


@pytest.mark.usefixtures("recipients")
def test_on_a_phone_a_row_shows_one_thing_below_the_other(windows, golden, owner):
    path = f"/bj/images/{golden}/unshare/"
    page = windows.open(owner, path, viewport={"width": 390, "height": 844})
    row = page.locator("#choices li").first
    name, date, effect = (
        row.locator(part).bounding_box()
        for part in ("label > span:first-of-type", ".choice-note", ".choice-effect")
    )

    assert name["x"] == date["x"] == effect["x"]
    assert name["y"] + name["height"] <= date["y"]
    assert date["y"] + date["height"] <= effect["y"]


def test_without_javascript(windows, golden, owner, names):
    path = f"/bj/images/{golden}/unshare/"
    page = windows.open(owner, path, java_script_enabled=False)
    box(page, names[5]).check()
    search = page.get_by_role("searchbox", name="Search accounts")
    search.fill(names[0])
    search.press("Enter")  # searches, and does not press OK
    expect(box(page, names[0])).to_be_visible()
    expect(box(page, names[5])).to_be_checked()
    expect(box(page, names[1])).not_to_be_visible()
    page.get_by_role("button", name="Select all").click()
    expect(box(page, names[0])).to_be_checked()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Search").click()
    expect(box(page, names[1])).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#choices :checked")).to_have_count(0)
    page.get_by_text("Select from a list").click()
    page.get_by_role("textbox", name="Accounts").fill(f"{names[2]}\n{names[3]}")
    page.get_by_role("button", name="Select these accounts").click()
    expect(page.locator("#choices :checked")).to_have_count(2)
    page.get_by_role("button", name="OK", exact=True).click()

    message = f"golden is no longer shared with {names[2]}, {names[3]}."
    expect(page.get_by_text(message)).to_be_visible()
    expect(page.get_by_role("row", name="golden")).to_contain_text("10 / 50")


def test_from_the_page_of_the_image_without_javascript(windows, golden, owner, names):
    page = windows.open(owner, f"/bj/images/{golden}/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Search accounts").fill(names[1])
    page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.locator("#recipient-rows tr:visible")).to_have_count(
        sum(name.startswith(names[1]) for name in names)
    )
    box(page, names[1]).check()
    page.get_by_role("button", name="Unshare selected").click()

    expect(page.get_by_role("heading", name="Unshare")).to_be_visible()
    expect(box(page, names[1])).to_be_checked()
