"""The Share dialog: what is seen of a long list, why OK is off, files, tables and errors."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.sdk.clients import new_image

# How many rows of verdicts are completely visible, and if the box to tick is
IN_VIEW = """(dialog) => {
    const frames = [".content", "#verdicts ul"].map((each) => dialog.querySelector(each));
    const isSeen = (element) => frames.every((frame) => {
        const [inner, outer] = [element, frame].map((each) => each.getBoundingClientRect());
        const top = frame.contains(element) ? outer.top : -Infinity;
        const bottom = frame.contains(element) ? outer.bottom : Infinity;
        return inner.top >= top && inner.bottom <= bottom;
    });
    const rows = [...dialog.querySelectorAll("#verdicts li")];
    return [rows.filter(isSeen).length, isSeen(dialog.querySelector("#id_acknowledged"))];
}"""


def open_dialog(page, image_id):
    page.locator(f"[hx-get$='/images/{image_id}/share/']").first.dispatch_event("click")
    dialog = page.get_by_role("dialog", name="Share Image")
    expect(dialog.get_by_label("Accounts")).to_be_focused()
    return dialog


@pytest.fixture(params=["htmx", "plain"])
def form(request, windows, golden, owner):
    """Return the Share form, in the dialog or on its own page without JavaScript."""
    if request.param == "htmx":
        return open_dialog(windows.open(owner), golden)
    page = windows.open(owner, f"/bj/images/{golden}/share/", java_script_enabled=False)
    return page.get_by_role("main")


def get_box(form):
    return form.get_by_label("Accounts")


def get_ok(form):
    return form.get_by_role("button", name="OK", exact=True)


def tick(form):
    form.get_by_label("I checked this image").check()


def check(form, text):
    """Enter the text. Without JavaScript, press the button that checks it."""
    get_box(form).fill(text)
    button = form.get_by_role("button", name="Check accounts")
    if button.is_visible():
        button.click()
    expect(form.locator(".verdict").first).to_be_visible()


@pytest.mark.parametrize("screen", [(1440, 900, 8), (390, 844, 4)], ids=["desk", "phone"])
def test_verdicts_are_seen_without_scrolling(windows, golden, owner, tenants, screen):
    width, height, verdicts = screen
    page = windows.open(owner, viewport={"width": width, "height": height})
    dialog = open_dialog(page, golden)
    names, ids = tenants(5), tenants(5)
    typed = [each.account for each in names] + [each.account_id for each in ids]
    check(dialog, "\n".join([*typed, "nobody-1", "nobody-2", owner.account]))
    expect(dialog.locator("#verdicts").get_by_text("10 accounts are ready.")).to_be_visible()

    seen, has_box = dialog.evaluate(IN_VIEW)

    assert seen >= verdicts
    assert has_box or width < 1440
    refused = dialog.locator("#verdicts li").nth(2)
    expect(refused).to_contain_text("Your own account")


def test_ok_is_off_and_says_why(windows, golden, owner, recipient):
    page = windows.open(owner)
    dialog = open_dialog(page, golden)
    posts = []
    page.on("request", lambda request: posts.append(request.url))
    ok, announcer = get_ok(dialog), page.get_by_role("status").last
    for text, reason in [("", "Enter at least one account."), ("nobody", "Fix or remove 1 entry.")]:
        get_box(dialog).fill(text)
        expect(dialog.locator("#outcome")).to_have_text(reason)
        expect(ok).to_have_attribute("aria-disabled", "true")
        posts.clear()
        ok.click(force=True)
        expect(announcer).to_have_text(reason)
        expect(get_box(dialog)).to_be_focused()
        assert posts == []

    get_box(dialog).fill(recipient.account)
    reason = "Confirm that you checked this image."
    expect(dialog.locator("footer").get_by_text(reason)).to_be_visible()
    ok.click(force=True)
    expect(announcer).to_have_text(reason)
    expect(dialog.get_by_label("I checked this image")).to_be_focused()

    page.keyboard.press("Space")
    expect(dialog.get_by_text("Shares with 1 account")).to_be_visible()
    expect(ok).to_have_attribute("aria-disabled", "false")
    ok.click()
    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()


def test_ok_before_the_verdict_acts_on_the_text_as_it_stands(windows, golden, owner, recipient):
    page = windows.open(owner)
    dialog = open_dialog(page, golden)
    tick(dialog)
    check(dialog, "nobody")
    expect(get_ok(dialog)).to_have_attribute("aria-disabled", "true")
    page.route("**/share/check/", lambda route: None)  # never answered

    get_box(dialog).fill(recipient.account)
    get_ok(dialog).click()

    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()


def test_removed_entries_stay_in_view_and_can_be_put_back(form, recipient):
    check(form, f"{recipient.account} nobody-1 nobody-2")
    form.get_by_role("button", name="Remove invalid entries").click()
    expect(get_box(form)).to_have_value(recipient.account)
    expect(form.get_by_text("nobody-1, nobody-2")).to_be_visible()

    form.get_by_role("button", name="Put back").click()
    expect(get_box(form)).to_have_value(f"{recipient.account}\nnobody-1\nnobody-2")
    expect(form.get_by_text("Removed:")).to_have_count(0)


def test_a_pasted_table_is_read_by_column(form, recipient):
    check(form, f"Note\tAccount\nplease share\t{recipient.account}\nfoo\tnobody")
    reading = form.get_by_text("Read as a table: column Account of 2 columns, 2 rows.")
    expect(reading).to_contain_text("Left out: Note.")
    expect(form.locator("#verdicts li")).to_have_count(2)

    form.get_by_label("Column").select_option("Note")
    button = form.get_by_role("button", name="Check accounts")
    if button.is_visible():
        button.click()
    expect(form.get_by_text("Left out: Account.")).to_be_visible()
    expect(form.locator("#verdicts li")).to_have_count(3)
    expect(form.get_by_label("Column")).to_have_value("0")


def test_a_chosen_file_fills_the_box(form, recipient):
    tick(form)
    get_box(form).fill("typed-before")
    content = f"Note,Account\n好,{recipient.account}\n".encode("gb18030")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
    form.get_by_label("Choose CSV file").set_input_files(file)
    button = form.get_by_role("button", name="Check accounts")
    if button.is_visible():
        button.click()

    expect(get_box(form)).to_have_value(f"Note\tAccount\n好\t{recipient.account}")
    expect(form.locator(".removed")).to_contain_text("typed-before")
    expect(form.locator("#verdicts li")).to_contain_text("Ready")
    get_ok(form).click()
    text = f"golden is now shared with {recipient.account}."
    expect(form.page.get_by_text(text)).to_be_visible()


def test_a_file_that_cannot_be_read_keeps_what_was_typed(windows, form, golden):
    tick(form)
    get_box(form).fill("nobody")
    form.get_by_label("Choose CSV file").set_input_files(
        {"name": "list.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04\0\0"}
    )
    button = form.get_by_role("button", name="Check accounts")
    if button.is_visible():
        button.click()

    expect(form.get_by_text("Can't read this file.")).to_be_visible()
    expect(get_box(form)).to_have_value("nobody")
    expect(form.get_by_label("I checked this image")).to_be_checked()
    windows.expect(f"422 POST /bj/images/{golden}/share/check/")


def test_a_file_can_be_dropped_on_the_box(windows, golden, owner, recipient):
    dialog = open_dialog(windows.open(owner), golden)
    box = get_box(dialog)
    transfer = dialog.page.evaluate_handle(
        """(text) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], "list.csv", { type: "text/csv" }));
            return transfer;
        }""",
        f"Account;Note\n{recipient.account};foo bar\n",
    )
    box.dispatch_event("dragover", {"dataTransfer": transfer})
    expect(dialog.locator("form.dragged")).to_have_count(1)
    box.dispatch_event("dragleave", {"dataTransfer": transfer})
    expect(dialog.locator("form.dragged")).to_have_count(0)
    box.dispatch_event("drop", {"dataTransfer": transfer})

    expect(box).to_have_value(f"Account\tNote\n{recipient.account}\tfoo bar")
    expect(dialog.locator("#verdicts li")).to_contain_text("Ready")


def test_a_failing_check_keeps_everything_and_ok_works(windows, golden, owner, recipient):
    page = windows.open(owner)
    dialog = open_dialog(page, golden)
    tick(dialog)
    check(dialog, "nobody")
    page.route("**/share/check/", lambda route: route.fulfill(status=503, body="upstream"))
    url = f"503 POST /bj/images/{golden}/share/check/"
    windows.expect(url, url)

    with page.expect_response(lambda response: response.status == 503):
        dialog.get_by_role("button", name="Remove invalid entries").click()
    with page.expect_response(lambda response: response.status == 503):
        get_box(dialog).fill(recipient.account)
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(get_box(dialog)).to_have_value(recipient.account)
    expect(get_box(dialog)).to_be_enabled()
    expect(dialog.get_by_label("I checked this image")).to_be_checked()
    get_ok(dialog).click()

    expect(page.get_by_text(f"golden is now shared with {recipient.account}.")).to_be_visible()


def test_a_dozen_accounts_of_which_three_are_wrong(form, owner, tenants, server):
    accounts = [each.account for each in tenants(12)]
    client = server.client(owner)
    known = new_image(client, "known")
    for name in accounts[:3]:
        client.share_image(known, account=name)
    wrong = [accounts[0].upper(), f"{accounts[1]}x", accounts[2][:-1] + "o" + accounts[2][-1]]
    check(form, "\n".join([*wrong, *accounts[3:]]))
    for name in accounts[:3]:
        form.get_by_role("button", name=f"Did you mean {name}?", exact=True).click()
        expect(get_box(form)).to_have_value(re.compile(rf"^{name}$", re.MULTILINE))
    expect(get_box(form)).to_have_value("\n".join(accounts))
    tick(form)
    get_ok(form).click()

    expect(form.page.get_by_text("golden is now shared with ")).to_be_visible()


def test_ok_is_bound_to_the_account_that_was_shown(windows, form, golden, tenants, alter):
    shown, other = tenants(2)
    tick(form)
    check(form, shown.account)
    rename = "UPDATE accounts_account SET name = %s WHERE account_id = %s"
    alter(rename, f"{shown.account}-old", shown.account_id)
    alter(rename, shown.account, other.account_id)

    windows.expect(f"422 POST /bj/images/{golden}/share/")
    get_ok(form).click()
    row = form.locator("#verdicts li")
    expect(row).to_contain_text("Now means another account")
    expect(row).to_contain_text(shown.account_id)
    expect(row).to_contain_text(other.account_id)

    form.get_by_role("button", name=f"Use {shown.account}").click()
    expect(get_box(form)).to_have_value(other.account_id)
    get_ok(form).click()
    text = f"golden is now shared with {shown.account}."
    expect(form.page.get_by_text(text)).to_be_visible()


def test_nothing_is_checked_while_an_input_method_composes(windows, golden, owner):
    page = windows.open(owner)
    dialog = open_dialog(page, golden)
    checks = []
    page.on("request", lambda request: checks.append(request.post_data))
    keyboard = page.context.new_cdp_session(page)
    for text in ("n", "ni", "ni h", "ni ha", "ni hao"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
        page.wait_for_timeout(500)  # longer than the delay of a check
    assert checks == []

    keyboard.send("Input.insertText", {"text": "你好"})
    expect(dialog.locator("#verdicts li")).to_contain_text("你好")
    assert len(checks) == 1


def test_recipients_of_another_image_are_copied_by_name(form, golden, owner, recipient, server):
    client = server.client(owner)
    client.share_image(new_image(client, "other"), account_id=recipient.account_id)
    form.page.reload()
    if not form.get_by_label("Accounts").is_visible():
        open_dialog(form.page, golden)
    get_box(form).fill("nobody")

    form.get_by_role("button", name="Copy recipients").click()
    form.get_by_role("button", name="other").click()

    expect(get_box(form)).to_have_value(f"nobody\n{recipient.account}")


def test_a_link_shows_the_verdicts_at_once(windows, golden, owner, recipient):
    page = windows.open(owner, f"/bj/images/{golden}/share/?accounts={recipient.account},nobody")

    expect(page.get_by_label("Accounts")).to_have_value(f"{recipient.account},nobody")
    expect(page.locator("#verdicts li").first).to_contain_text("Account not found")


@pytest.mark.parametrize("way", ["column", "file"])
def test_a_failing_choice_keeps_the_list(windows, golden, owner, recipient, way):
    dialog = open_dialog(windows.open(owner), golden)
    table = f"Account\tNote\n{recipient.account}\tfor branches"
    check(dialog, table)
    tick(dialog)
    url = f"**/{golden}/share/check/"
    dialog.page.route(url, lambda route: route.fulfill(status=503, body="<p>Not now</p>"))
    windows.expect(f"503 POST /bj/images/{golden}/share/check/")

    if way == "column":
        dialog.get_by_label("Column").select_option("Note")
    else:
        file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"ada\n"}
        dialog.get_by_label("Choose CSV file").set_input_files(file)

    expect(dialog.get_by_text("No response. Try again.")).to_be_visible()
    expect(get_box(dialog)).to_have_value(table)
    expect(dialog.get_by_label("I checked this image")).to_be_checked()


def test_numbers_that_a_spreadsheet_shortened_say_so(form):
    check(form, "1.2E+11 \u200b8600\u00ad123 ＮＯＢＯＤＹ")

    rows = form.locator("#verdicts li")
    expect(rows.filter(has_text="1.2E+11")).to_contain_text("A spreadsheet shortened this number.")
    expect(rows.filter(has_text="8600123")).to_contain_text("may have removed zeros")
    expect(rows.filter(has_text="NOBODY")).to_contain_text("Account not found")
