"""A form that is sent twice does its work once, and the person learns what it did."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


def open_plain(windows, owner, path):
    return windows.open(owner, path, java_script_enabled=False)


def fill_share(page, recipient):
    page.get_by_label("Accounts").first.fill(recipient.account)
    page.get_by_label("I checked this image").check()


def get_recipients(server, owner, image_id):
    return [user.account for user in server.client(owner).list_shared_user(image_id).users]


def test_a_double_click_shares_once(windows, server, golden, owner, recipient):
    page = open_plain(windows, owner, f"/bj/images/{golden}/share/")
    fill_share(page, recipient)

    page.get_by_role("button", name="OK", exact=True).dblclick()

    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_have_count(1)
    assert get_recipients(server, owner, golden) == [recipient.account]


def test_a_double_click_deletes_once(windows, golden, owner):
    page = open_plain(windows, owner, f"/bj/images/{golden}/delete/")

    page.get_by_role("button", name="Delete image").dblclick()

    expect(page.get_by_text("golden was deleted.")).to_have_count(1)
    expect(page.get_by_role("row", name="golden")).to_have_count(0)


def test_a_double_click_creates_one_instance(windows, server, golden, owner):
    page = open_plain(windows, owner, f"/bj/instances/create/?image={golden}")
    page.get_by_label("Name").fill("web")
    page.get_by_label("Password", exact=True).fill("Golden2026!")

    page.get_by_role("button", name="Create instances").dblclick()

    expect(page.get_by_text("web is starting.")).to_have_count(1)
    names = [each.name for each in server.client(owner).list_instances().instances]
    assert names.count("web") == 1


def test_a_double_click_shows_the_secret_of_one_key(windows, owner):
    page = open_plain(windows, owner, "/bj/access-keys/create/")
    page.get_by_label("Description").fill("nightly")

    page.get_by_role("button", name="Create access key").dblclick()

    expect(page.get_by_role("heading", name="Access key created")).to_be_visible()
    page.goto("/bj/access-keys/")
    expect(page.get_by_role("row", name="nightly")).to_have_count(1)


def lose_response(windows, page, path, failure):
    """Let the server respond once to the form, but not the browser."""

    def lose(route):
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch(max_redirects=0)
        if failure == "503":
            route.fulfill(status=503, body="<p>upstream</p>")
        else:
            route.abort("connectionfailed")

    page.route(f"**{path}", lose)
    problem = f"net::ERR_CONNECTION_FAILED: {windows.url}{path}"
    windows.expect(f"503 POST {path}" if failure == "503" else problem)


@pytest.fixture(params=["no response", "503"])
def lost(request, windows, golden, owner):
    """Return a window with the Share dialog, where the first response to OK gets lost."""
    page = windows.open(owner)
    path = f"/bj/images/{golden}/share/"
    lose_response(windows, page, path, request.param)
    page.get_by_role("link", name="Share golden").click()
    page.get_by_role("dialog", name="Share Image").wait_for()
    yield page
    page.unroute(f"**{path}")


def test_ok_again_after_the_response_was_lost(lost, server, owner, golden, recipient):
    """The server did it, but something between it and the browser failed."""
    page, dialog = lost, lost.get_by_role("dialog", name="Share Image")
    fill_share(dialog, recipient)
    expect(dialog.get_by_role("listitem").filter(has_text=recipient.account)).to_be_visible()
    ok = dialog.get_by_role("button", name="OK", exact=True)
    ok.click()
    expect(dialog.get_by_text("No response.")).to_be_visible()
    assert get_recipients(server, owner, golden) == [recipient.account]
    page.unroute_all()

    ok.click()

    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_have_count(1)
    expect(dialog).to_have_count(0)
    assert get_recipients(server, owner, golden) == [recipient.account]


def test_undo_again_after_the_response_was_lost(windows, server, owner, golden, recipient):
    server.client(owner).share_image(golden, account_id=recipient.account_id)
    page = windows.open(owner)
    page.get_by_role("link", name="Unshare golden").click()
    dialog = page.get_by_role("dialog", name="Unshare")
    dialog.get_by_role("checkbox", name=recipient.account).check()
    dialog.get_by_role("button", name="OK", exact=True).click()
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    path = page.locator("#messages form").get_attribute("action")
    lose_response(windows, page, path, "503")
    undo.click()
    expect(page.get_by_text("No response.")).to_be_visible()
    page.unroute_all()

    undo.click()

    expect(page.get_by_text(f"golden is shared again with {recipient.account}.")).to_be_visible()
    assert get_recipients(server, owner, golden) == [recipient.account]


@pytest.mark.parametrize("failure", ["no response", "503"])
def test_a_plain_form_sent_again_after_the_response_was_lost(windows, golden, owner, failure):
    page = open_plain(windows, owner, f"/bj/images/{golden}/delete/")
    lose_response(windows, page, f"/bj/images/{golden}/delete/", failure)
    with page.expect_event("framenavigated"):
        page.get_by_role("button", name="Delete image").click()
    page.unroute_all()

    page.reload()  # the browser sends the form again

    expect(page.get_by_text("golden was deleted.")).to_have_count(1)
