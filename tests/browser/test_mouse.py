"""Share and unshare with the mouse, as in the document."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


def test_share_and_unshare(windows, golden, owner, recipient):
    page = windows.open(owner, "/bj/")
    page.get_by_role("link", name="Image", exact=True).click()
    expect(page.get_by_role("heading", name="Image List")).to_be_visible()
    page.get_by_role("checkbox", name="Select golden").check()
    page.get_by_role("button", name="Share Image").click()
    dialog = page.get_by_role("dialog", name="Share Image")
    dialog.get_by_label("I checked this image").check()
    accounts = dialog.get_by_label("Accounts")
    accounts.press_sequentially(f"{recipient.account}, nobody-at-all")
    verdicts = dialog.get_by_role("list").filter(has_text="nobody-at-all").get_by_role("listitem")
    expect(verdicts).to_have_count(2)
    expect(verdicts.first).to_contain_text("Account not found")
    expect(verdicts.last).to_contain_text(recipient.account_id)
    expect(verdicts.last).to_contain_text("Ready")

    expect(dialog.get_by_role("button", name="OK", exact=True)).to_be_disabled()
    expect(dialog.get_by_text("Fix or remove 1 entry.")).to_be_visible()
    dialog.get_by_role("button", name="Remove invalid entries").click()
    expect(accounts).to_have_value(recipient.account)
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()
    message = page.get_by_role("status").filter(has_text="golden is now shared")
    expect(message).to_contain_text(f"golden is now shared with {recipient.account}.")
    row = page.get_by_role("row", name="golden")
    expect(row).to_contain_text("1 / 50")

    page.get_by_role("checkbox", name="Select golden").check()
    page.get_by_role("button", name="Unshare").click()
    dialog = page.get_by_role("dialog", name="Unshare")
    dialog.get_by_role("checkbox", name=recipient.account).check()
    expect(dialog.get_by_text("Unshares from 1 of 1 account")).to_be_visible()
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog).not_to_be_visible()
    expect(
        page.get_by_text(f"golden is no longer shared with {recipient.account}.")
    ).to_be_visible()
    expect(row).to_contain_text("0 / 50")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"golden is shared again with {recipient.account}.")).to_be_visible()
    expect(row).to_contain_text("1 / 50")


@pytest.mark.parametrize("modifiers", [["Control"], ["Shift"], None], ids=str)
def test_a_modified_click_on_a_link_of_a_dialog_opens_a_tab(windows, golden, owner, modifiers):
    page = windows.open(owner, f"/bj/images/{golden}/")
    button = "middle" if modifiers is None else "left"

    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Share Image").click(modifiers=modifiers, button=button)

    tab = opening.value
    expect(tab).to_have_url(re.compile(f"/bj/images/{golden}/share/$"))
    expect(tab.get_by_role("heading", name="Share Image")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
