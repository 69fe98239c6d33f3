"""Undo an unshare: all of it, or what can still be undone, from its message and from Activity."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .test_errors import answer_503


@pytest.fixture
def shared(server, golden, owner, tenants):
    """Share the image with three accounts. Return their names in order."""
    accounts = tenants(3)
    for each in accounts:
        server.client(owner).share_image(golden, account_id=each.account_id)
    return sorted(each.account for each in accounts)


@pytest.fixture
def fill(alter):
    """Return a function that leaves an account without room for another shared image."""
    return lambda name: alter(
        "UPDATE accounts_account SET received_image_limit = 0 WHERE name = %s", name
    )


@pytest.fixture(params=["dialog", "page"])
def page(request, windows, golden, owner, shared):
    """Return a window, with JavaScript or without, in which the image was unshared from all."""
    page = windows.open(
        owner, f"/bj/images/{golden}/unshare/", java_script_enabled=request.param == "dialog"
    )
    for name in shared:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.get_by_text(f"golden is no longer shared with {', '.join(shared)}")).to_be_visible()
    return page


def undo(page):
    page.get_by_role("button", name="Undo").click()


def expect_recipients(page, number):
    page.goto("/bj/images/")
    expect(page.get_by_role("row", name="golden")).to_contain_text(f"{number} / 50")


def expect_undo_failed(windows, page):
    """Expect that the undo of the message is refused, and shows the verdicts."""
    action = page.locator(".message form").get_attribute("action")
    windows.expect(f"422 POST {action}")
    return action


def test_the_message_restores_directly(page, shared):
    undo(page)

    expect(page.get_by_text(f"golden is shared again with {', '.join(shared)}.")).to_be_visible()
    expect_recipients(page, 3)


def test_what_can_be_undone_is_undone_with_one_ok(windows, page, shared, fill):
    full, *others = shared
    fill(full)
    expect_undo_failed(windows, page)
    undo(page)
    expect(page.get_by_role("heading", name="Undo unshare")).to_be_visible()
    verdicts = page.locator(".verdicts").get_by_role("listitem")
    expect(verdicts.first).to_contain_text(full)
    expect(verdicts.first).to_contain_text("Recipient is at its limit")
    expect(verdicts.last).to_contain_text("Ready")
    page.get_by_role("button", name="Share again with 2 of 3 accounts").click()

    message = f"golden is shared again with {', '.join(others)}, but not with {full}."
    expect(page.get_by_text(message)).to_be_visible()
    expect_recipients(page, 2)


def test_a_slot_that_is_taken_between_the_verdicts_and_ok(windows, page, shared, fill):
    fill(shared[0])
    action = expect_undo_failed(windows, page)
    undo(page)
    ok = page.get_by_role("button", name="Share again with 2 of 3 accounts")
    expect(ok).to_be_visible()
    fill(shared[1])
    windows.expect(f"422 POST {action}")
    ok.click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was undone.")
    page.get_by_role("button", name="Share again with 1 of 3 account").click()
    expect(page.get_by_text(f"golden is shared again with {shared[2]}, but not")).to_be_visible()
    expect_recipients(page, 1)


def test_the_way_out_opens_share_filled_in(windows, page, shared, fill):
    for name in shared:
        fill(name)
    expect_undo_failed(windows, page)
    undo(page)
    expect(page.get_by_role("button", name="Share again")).to_have_count(0)
    page.locator("footer").get_by_role("link", name="Share Image").click()

    expect(page.get_by_role("heading", name="Share Image")).to_be_visible()
    expect(page.get_by_label("Accounts", exact=True)).to_have_value("\n".join(shared))


def test_from_activity_after_an_error_at_ok(windows, golden, owner, shared, fill):
    page = windows.open(owner, f"/bj/images/{golden}/unshare/")
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="OK", exact=True).click()
    fill(shared[0])
    page.goto("/bj/activity/")
    page.get_by_role("link", name="Undo unshare of golden").click()
    dialog = page.get_by_role("dialog", name="Undo unshare")
    ok = dialog.get_by_role("button", name="Share again with 2 of 3 accounts")
    expect(ok).to_be_visible()
    path = page.locator("dialog form").get_attribute("hx-post")
    page.route("**/restore/**", answer_503)
    windows.expect(f"503 POST {path}")
    ok.click()
    expect(dialog.get_by_text("No response.")).to_be_visible()
    page.unroute("**/restore/**")
    ok.click()

    expect(dialog).not_to_be_visible()
    expect(page.get_by_text(f"but not with {shared[0]}.")).to_be_visible()
    expect_recipients(page, 2)
