"""The list in the Share dialog before it is sent: corrected, cut down, filled from a file."""

from __future__ import annotations

from time import process_time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Attempt
from images.models import ShareGrant

from ...dom import find_all, get_text, get_values
from ...factories import AccountFactory, ImageFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db

TABLE = "Account\tNote\nada\tplease share\nnobody\tfoo bar\n"


def check(browser, image, accounts, headers, **fields):
    data = {"accounts": accounts, **fields}
    return browser.post(page_of(image, "share/check/"), data, headers=headers)


def get_box(response):
    return response.context["form"]["accounts"].value()


def test_invalid_entries_are_removed_and_stay_in_view(client_for, headers):
    image = ImageFactory.create()
    good, better = AccountFactory.create_batch(2)
    has_it = ShareGrantFactory.create(image=image).recipient
    typed = f"{good.name} nobody {good.account_id} {'x' * 100} {better.uc_account} {has_it.name}"

    response = check(client_for(image.owner), image, typed, headers, keep="ready")

    kept = [good.name, good.account_id, better.uc_account, has_it.name]
    assert get_box(response).split() == kept
    assert get_values(response, "removed") == ["nobody", "x" * 100]
    (button,) = find_all(response, "button", data_copy=f"nobody, {'x' * 100}")
    assert dict(button.attributes)["aria-label"] == "Copy removed entries"


def test_removed_entries_can_be_put_back(client_for, headers):
    image = ImageFactory.create()

    response = check(
        client_for(image.owner), image, "ada bob", headers, removed=["eve", "bob"], put_back="x"
    )

    assert get_box(response).split() == ["ada", "bob", "eve"]
    assert get_values(response, "removed") == []


def test_a_second_removal_adds_to_the_first(client_for, headers):
    image = ImageFactory.create()

    response = check(client_for(image.owner), image, "eve", headers, removed=["bob"], keep="ready")

    assert response.status_code == 200
    assert get_box(response) == ""
    assert get_values(response, "removed") == ["bob", "eve"]
    assert "Enter at least one account." in text_of(response)


def test_a_table_stays_a_table_without_its_invalid_rows(client_for, headers):
    AccountFactory.create(name="ada")
    image = ImageFactory.create()

    response = check(client_for(image.owner), image, TABLE, headers, keep="ready")

    assert get_box(response) == "Account\tNote\nada\tplease share"
    assert get_values(response, "removed") == ["nobody"]


@pytest.mark.parametrize(
    ("typed", "status"),
    [("x " * 501, 422), ("x" * 300_001, 422), ("a\0b", 422), ("guess-1 guess-2 guess-3", 429)],
)
def test_removing_entries_keeps_a_refused_list(client_for, headers, settings, typed, status):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    image = ImageFactory.create()

    response = check(
        client_for(image.owner), image, typed, headers, keep="ready", acknowledged="on"
    )

    assert response.status_code == status
    assert get_box(response) == typed
    assert response.context["form"]["acknowledged"].value()


def test_a_suggestion_replaces_its_entry(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="t001")
    typed = "ada; ＴＯ01 (TO01)\nTO011"

    response = check(client_for(image.owner), image, typed, headers, replace="t001 TO01")

    assert response.context["form"].entries == ["ada", "t001", "t001", "TO011"]


def test_a_suggestion_leaves_a_table_a_table(client_for, headers):
    image = ImageFactory.create()

    response = check(client_for(image.owner), image, TABLE, headers, replace="somebody nobody")

    assert get_box(response) == "Account\tNote\nada\tplease share\nsomebody\tfoo bar"


def test_a_table_says_how_it_was_read_and_another_column_can_be_read(client_for, headers):
    image = ImageFactory.create()
    browser = client_for(image.owner)

    response = check(browser, image, TABLE, headers)
    other = check(browser, image, TABLE, headers, column="1")

    assert "Read as a table: column Account of 2 columns, 2 rows. Left out: Note." in text_of(
        response
    )
    (select,) = find_all(response, "select", name="column")
    assert [get_text(option).strip() for option in find_all(select, "option")] == [
        "Account",
        "Note",
    ]
    assert [entry.text for entry in response.context["review"].entries] == ["ada", "nobody"]
    assert "column Note of 2 columns" in text_of(other)
    texts = [entry.text for entry in other.context["review"].entries]
    assert texts == ["please", "share", "foo", "bar"]


def test_a_file_fills_the_box(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    file = SimpleUploadedFile("list.csv", b"Note,Account\nplease share,ada\n")

    response = check(
        client_for(image.owner), image, "typed before", headers, file=file, acknowledged="on"
    )

    assert response.status_code == 200
    assert get_box(response) == "Note\tAccount\nplease share\tada"
    assert get_values(response, "removed") == ["typed", "before"]
    assert response.context["form"]["acknowledged"].value()
    assert [entry.text for entry in response.context["review"].entries] == ["ada"]


def test_a_file_with_ok_is_checked_first(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    data = {"accounts": "", "acknowledged": "on", "file": SimpleUploadedFile("list.csv", b"ada")}

    response = client_for(image.owner).post(page_of(image, "share/"), data, headers=headers)

    assert get_box(response) == "ada"
    assert not ShareGrant.objects.exists()


def test_an_unreadable_file_changes_nothing(client_for, headers):
    image = ImageFactory.create()
    file = SimpleUploadedFile("list.xlsx", b"PK\x03\x04\0\0")

    response = check(client_for(image.owner), image, "ada", headers, file=file, acknowledged="on")

    assert response.status_code == 422
    assert get_box(response) == "ada"
    assert response.context["form"]["acknowledged"].value()
    (error,) = find_all(response, "p", id="id_file_error")
    assert "Save the spreadsheet as CSV" in get_text(error)
    (field,) = find_all(response, "input", name="file")
    assert dict(field.attributes)["aria-describedby"] == "id_file_error"


@pytest.mark.parametrize("button", [{}, {"keep": "ready"}, {"put_back": "x"}, {"replace": "b a"}])
def test_a_list_that_is_too_long_is_refused_and_kept(client_for, headers, button):
    image = ImageFactory.create()
    typed = "a\t" * 150_001

    response = check(client_for(image.owner), image, typed, {}, **button)

    assert response.status_code == 422
    assert get_box(response) == typed
    text = text_of(response)
    assert "This list is too long to read. Enter at most 500 accounts at a time." in text


@pytest.mark.parametrize("button", [{}, {"keep": "ready"}, {"replace": "b a"}])
@pytest.mark.parametrize("typed", ["a\t" * 150_000, "a," * 150_000, '"a";' * 75_000, "(" * 300_000])
def test_a_hostile_list_costs_less_than_two_seconds(client_for, button, typed):
    image = ImageFactory.create()
    browser = client_for(image.owner)
    started = process_time()

    response = check(browser, image, typed, {}, column="0", headings="x", **button)

    assert response.status_code == 422
    assert process_time() - started < 2


def test_a_wrong_column_of_a_long_table_costs_fifty_look_ups(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (150, 600)
    AccountFactory.create(name="account-399")
    image = ImageFactory.create()
    browser = client_for(image.owner)
    rows = (f"account-{n}\tteam-{n}\tnote-{n}\tx{n}\n" for n in range(350, 750))
    table = "Account\tTeam\tNote\tNumber\n" + "".join(rows)

    for column, name in enumerate(("Team", "Note", "Number"), start=1):
        wrong = check(browser, image, table, headers, column=column)
        assert wrong.status_code == 422
        sentence = f"None of the first 50 entries in column {name} is an account."
        assert sentence in text_of(wrong)
        assert find_all(wrong, "select", name="column")
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (1000, 600)
    right = check(browser, image, table, headers, column=0)

    assert right.status_code == 200
    assert [each.spent for each in Attempt.objects.all()] == [549, 549]
