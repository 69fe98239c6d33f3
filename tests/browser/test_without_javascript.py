"""Share and unshare without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sdk.clients import new_images


@pytest.fixture
def page(windows, golden, owner):
    return windows.open(owner, java_script_enabled=False)


def test_share_and_unshare(windows, page, golden, recipient):
    page.get_by_role("checkbox", name="Select golden").check()
    page.get_by_role("button", name="Share Image").click()
    expect(page.get_by_role("heading", name="Share Image")).to_be_visible()
    accounts = page.get_by_label("Accounts")
    accounts.fill(f"{recipient.account}, nobody-at-all")
    page.get_by_label("I checked this image").check()
    page.get_by_role("button", name="Check accounts").click()
    verdicts = page.get_by_role("list").filter(has_text="nobody-at-all").get_by_role("listitem")
    expect(verdicts.first).to_contain_text("Account not found")
    expect(verdicts.last).to_contain_text("Ready")

    windows.expect(f"422 POST /bj/images/{golden}/share/")
    page.get_by_role("button", name="OK", exact=True).click()
    expect(accounts).to_have_attribute("aria-invalid", "true")
    expect(accounts).to_have_value(f"{recipient.account}, nobody-at-all")
    page.get_by_role("button", name="Remove invalid entries").click()
    expect(accounts).to_have_value(recipient.account)
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()
    row = page.get_by_role("row", name="golden")
    expect(row).to_contain_text("1 / 50")

    row.get_by_role("link", name="Unshare").click()
    page.get_by_role("checkbox", name=recipient.account).check()
    page.get_by_role("button", name="OK", exact=True).click()
    expect(
        page.get_by_text(f"golden is no longer shared with {recipient.account}.")
    ).to_be_visible()
    expect(row).to_contain_text("0 / 50")


def test_an_action_for_one_image_asks_which_of_the_selected_ones(page, golden, owner, server):
    new_images(server.client(owner), "spare", "other")
    page.reload()
    for name in ("golden", "spare"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="Share Image").click()
    expect(page.get_by_role("radio")).to_have_count(2)
    page.get_by_role("radio", name="spare").check()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Share Image")).to_be_visible()
    expect(page.locator(".subject")).to_contain_text("spare")


def test_several_images_are_deleted_together(page, golden, owner, server):
    new_images(server.client(owner), "spare", "other")
    page.reload()
    for name in ("golden", "spare"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 2 images").click()

    expect(page.get_by_text("were deleted.")).to_be_visible()
    expect(page.locator("#rows .name")).to_have_text(["other"])


def test_the_list_is_sorted(page, golden, owner, server):
    new_images(server.client(owner), "alpha")
    page.get_by_role("link", name="Name and ID").click()
    expect(page.locator("#rows .name")).to_have_text(["alpha", "golden"])
    page.get_by_role("link", name="Name and ID").click()
    expect(page.locator("#rows .name")).to_have_text(["golden", "alpha"])


def test_search(page):
    page.get_by_role("searchbox", name="Name or ID").fill("nothing")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("table")).not_to_be_visible()
    page.get_by_role("link", name="Clear filters").first.click()
    expect(page.get_by_role("row", name="golden")).to_be_visible()
