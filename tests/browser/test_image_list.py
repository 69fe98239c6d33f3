"""The Image List with JavaScript: selection, filters and order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.sdk.clients import new_images

from .test_narrow import PHONE

NAMES = ("alpha", "beta", "gamma")


@pytest.fixture
def images(server, owner):
    """Return the IDs of three images of `owner`, by name."""
    return dict(zip(NAMES, new_images(server.client(owner), *NAMES), strict=True))


@pytest.fixture
def page(windows, images, owner):
    return windows.open(owner, path="/bj/images/?sort=name")


def box(page, name):
    return page.get_by_role("checkbox", name=f"Select {name}")


def toolbar(page):
    return page.get_by_role("group", name="Actions for the selected images")


def selected(page):
    return page.eval_on_selector_all(
        "#rows [name=image]:checked",
        "(boxes) => boxes.map((box) => box.closest('tr').querySelector('.name').textContent)",
    )


def test_without_a_selection_an_action_asks_for_the_image(page):
    page.click("text=Share Image")
    dialog = page.get_by_role("dialog", name="Share Image")
    dialog.get_by_role("radio", name="beta").check()
    dialog.get_by_role("button", name="Continue").click()

    expect(dialog.get_by_label("Accounts")).to_be_visible()
    expect(dialog).to_contain_text("beta")


def test_actions_for_one_image_are_disabled_for_several(page):
    bar = toolbar(page)
    expect(bar).to_contain_text("None selected")
    box(page, "alpha").check()
    expect(bar).to_contain_text("1 selected")
    expect(bar.get_by_role("button", name="Share Image")).to_be_enabled()
    box(page, "beta").check()

    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("Share Image, Unshare, and Copy to region – Select one image.")
    for name in ("Share Image", "Unshare", "Copy to region"):
        expect(bar.get_by_role("button", name=name)).to_be_disabled()
    expect(bar.get_by_role("button", name="Delete")).to_be_enabled()
    bar.get_by_role("button", name="Share Image").dispatch_event("click")
    expect(page.locator("dialog[open]")).to_have_count(0)

    box(page, "beta").uncheck()
    expect(bar).to_contain_text("1 selected")
    expect(bar).to_contain_text("Unshare – This image isn't shared.")
    expect(bar.get_by_role("button", name="Share Image")).to_be_enabled()


def test_several_images_are_deleted_together(windows, page):
    page.get_by_role("checkbox", name="Select all").check()
    box(page, "beta").uncheck()
    expect(page.get_by_role("checkbox", name="Select all")).to_be_checked(indeterminate=True)
    toolbar(page).get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete images")
    expect(dialog).to_contain_text("alpha")
    expect(dialog).to_contain_text("gamma")
    expect(dialog).not_to_contain_text("beta")
    dialog.get_by_role("button", name="Delete 2 images").click()

    expect(page.get_by_text("alpha, gamma were deleted.")).to_be_visible()
    expect(dialog).not_to_be_visible()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(toolbar(page)).to_contain_text("None selected")


def test_what_vanished_while_it_was_selected_is_named_and_leaves_the_list(
    page, images, owner, server
):
    page.get_by_role("checkbox", name="Select all").check()
    server.client(owner).delete_image(images["gamma"])
    toolbar(page).get_by_role("button", name="Delete").click()

    dialog = page.get_by_role("dialog", name="Delete images")
    expect(dialog.get_by_text("gamma was deleted.")).to_be_visible()
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    expect(page.locator("#list-head")).to_contain_text("2 of 20 custom images")
    dialog.get_by_role("button", name="Delete 2 images").click()
    expect(page.get_by_text("No custom images yet")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Create Custom Image").last.click()
    expect(page.get_by_role("dialog", name="Create Custom Image")).to_be_visible()


def test_a_click_in_a_row_selects_it(page):
    page.get_by_role("row", name="alpha").get_by_role("cell", name="Available").click()
    assert selected(page) == ["alpha"]
    page.get_by_role("row", name="alpha").get_by_role("cell", name="Available").click()
    assert selected(page) == []


def test_the_selection_follows_the_row_acted_on(page):
    box(page, "alpha").check()
    box(page, "beta").check()
    page.get_by_role("link", name="Share gamma").click()
    page.get_by_role("dialog", name="Share Image").wait_for()
    page.keyboard.press("Escape")

    assert selected(page) == ["gamma"]
    expect(toolbar(page)).to_contain_text("1 selected")


def test_the_selection_survives_a_refresh_and_a_filter_that_shows_it(page):
    box(page, "alpha").check()
    with page.expect_response("**/images/?sort=name"):
        page.evaluate("htmx.trigger(document.body, 'images:changed')")
    expect(box(page, "alpha")).to_be_checked()
    expect(toolbar(page)).to_contain_text("1 selected")

    page.get_by_label("Operating system").select_option("linux")
    expect(page).to_have_url(re.compile("os=linux"))
    expect(box(page, "alpha")).to_be_checked()
    expect(toolbar(page)).to_contain_text("1 selected")
    page.get_by_role("searchbox", name="Name or ID").fill("beta")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(toolbar(page)).to_contain_text("None selected")


def test_filters_apply_by_themselves_and_back_takes_them_back(page):
    search = page.get_by_role("searchbox", name="Name or ID")
    expect(page.get_by_role("button", name="Search")).to_have_count(0)
    expect(page.get_by_role("link", name="Clear filters")).not_to_be_visible()
    search.press_sequentially("amm", delay=20)

    expect(page).to_have_url(re.compile(r"/bj/images/\?type=custom&sort=name&q=amm$"))
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("#announcer")).to_have_text("1 image found")
    expect(search).to_be_focused()
    expect(page.get_by_role("link", name="Clear filters")).to_be_visible()

    page.get_by_label("Status").select_option("Error")
    expect(page.get_by_text("No results match your filters.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=amm&status=Error$"))
    page.reload()
    expect(page.get_by_text("No results match your filters.")).to_be_visible()

    page.go_back()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(search).to_have_value("amm")
    page.go_back()
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    expect(search).to_have_value("")
    expect(page.get_by_label("Status")).to_have_value("")


def test_a_filter_that_fails_leaves_the_list_and_works_again(windows, page):
    def fail(route):
        route.fulfill(status=503, body="<p>Not now</p>")

    page.route("**/images/?type=*", fail)
    windows.expect("503 GET /bj/images/")
    box(page, "alpha").check()
    page.get_by_role("searchbox", name="Name or ID").fill("amm")
    expect(page.locator("#messages .failure")).to_be_visible()
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    expect(box(page, "alpha")).to_be_checked()

    page.unroute("**/images/?type=*", fail)
    page.get_by_role("searchbox", name="Name or ID").press("Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("#messages .failure")).to_have_count(0)


def test_deleting_several_that_fails_keeps_the_dialog(windows, page):
    page.get_by_role("checkbox", name="Select all").check()
    toolbar(page).get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete images")
    page.route("**/images/delete/*", lambda route: route.fulfill(status=503, body="Not now"))
    windows.expect("503 POST /bj/images/delete/")
    dialog.get_by_role("button", name="Delete 3 images").click()
    expect(dialog.locator(".failure")).to_be_visible()
    expect(dialog).to_contain_text("gamma")

    page.unroute("**/images/delete/*")
    dialog.get_by_role("button", name="Delete 3 images").click()
    expect(page.get_by_text("No custom images yet")).to_be_visible()


def test_the_order_stays_in_the_address(page):
    headings = page.get_by_role("columnheader")
    expect(headings.filter(has_text="Name")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Name and ID").click()

    expect(page).to_have_url(re.compile(r"\?sort=-name$"))
    expect(headings.filter(has_text="Name")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#rows .name")).to_have_text(["gamma", "beta", "alpha"])
    page.get_by_role("searchbox", name="Name or ID").fill("a")
    expect(page).to_have_url(re.compile(r"sort=-name&q=a$"))
    expect(page.locator("#rows .name")).to_have_text(["gamma", "beta", "alpha"])


def test_on_a_phone_the_bar_stays_in_sight_and_covers_no_row(windows, images, owner):
    page = windows.open(owner, **PHONE)
    box(page, "alpha").tap()
    bar = toolbar(page)
    page.evaluate("scrollTo(0, 0)")
    nav = page.get_by_role("navigation", name="Console").bounding_box()
    place = bar.bounding_box()
    assert place["y"] + place["height"] <= nav["y"] + 1
    assert place["x"] == 0

    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.locator("#rows tbody tr").last.bounding_box()
    assert last["y"] + last["height"] <= bar.bounding_box()["y"]


def test_on_a_phone_targets_are_44_pixels(windows, images, owner):
    page = windows.open(owner, **PHONE)
    targets = page.locator("#rows label, #rows .icon-button[id^=more], #rows .row-actions .action")
    sizes = [target.bounding_box() for target in targets.all()]

    assert len(sizes) == 4 + 3 + 6
    assert min(size["height"] for size in sizes) >= 44
    assert min(size["width"] for size in sizes) >= 24
    boxes = page.locator("#rows label, #rows .icon-button[id^=more]")
    assert min(target.bounding_box()["width"] for target in boxes.all()) >= 44


def test_forced_colors_show_the_selection_and_the_primary(windows, images, owner):
    page = windows.open(owner, forced_colors="active")
    box(page, "alpha").check()
    styles = """(element) => {
        const { outlineStyle, backgroundColor } = getComputedStyle(element);
        return [outlineStyle, backgroundColor];
    }"""
    chosen = page.get_by_role("row", name="alpha").evaluate(styles)
    other = page.get_by_role("row", name="beta").evaluate(styles)
    primary = page.locator("#create").evaluate(styles)
    quiet = page.locator("#do-share").evaluate(styles)

    assert (chosen[0], other[0]) == ("solid", "none")
    assert primary[1] != quiet[1]


@pytest.mark.parametrize("window", [{}, PHONE], ids=["wide", "phone"])
def test_the_choice_of_an_image_shows_whole_rows(windows, owner, server, window):
    names = [f"image-{number}" for number in range(14)]
    new_images(server.client(owner), *names)
    page = windows.open(owner, "/bj/images/choose/?action=share", **window)
    for path in ("/bj/images/", "/bj/instances/create/?type=custom"):
        page.goto(path)
        if "create" not in path:
            page.click("text=Share Image")
            page.locator("dialog[open]").wait_for()
        cut = page.locator(".choices").evaluate(
            """(list) => {
                const { bottom } = list.getBoundingClientRect();
                const rows = [...list.querySelectorAll("li")].filter((row) => row.offsetHeight);
                return rows.filter((row) => {
                    const place = row.getBoundingClientRect();
                    return place.top < bottom - 2 && place.bottom > bottom + 1;
                }).length;
            }"""
        )
        assert cut == 0, path
        row = page.locator(".choices li:visible").filter(has_text="image-3").first
        name, system = row.locator("b"), row.locator(".system")
        assert system.bounding_box()["x"] == name.bounding_box()["x"]
        assert system.bounding_box()["y"] - name.bounding_box()["y"] <= 24
