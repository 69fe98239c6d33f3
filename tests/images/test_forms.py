"""The rule for names, in the browser and on the server, and lists of accounts."""

from __future__ import annotations

import re

import pytest

from images.forms import EntriesForm
from images.models import NAME_PATTERN, NAME_PATTERN_HTML

from ..factories import ImageFactory, InstanceFactory
from .pages import page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

RULE = (
    "1–65 characters: start with a letter, then use letters, digits, Chinese characters or - _ / ."
)


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("a", True),
        ("Z", True),
        ("A" * 65, True),
        ("golden-镜像_1/2.3", True),
        ("a一龥", True),
        ("a-", True),
        ("a/", True),
        ("a.", True),
        ("", False),
        ("A" * 66, False),
        ("1st", False),
        ("-a", False),
        ("_a", False),
        ("/a", False),
        (".a", False),
        ("镜像", False),
        ("two words", False),
        (" a", False),
        ("a ", False),
        ("a\n", False),
        ("a\t", False),
        ("a\\", False),
        ("a&b", False),
        ("a,b", False),
        ("a]", False),
        ("aé", False),
        ("a！", False),
        ("a㐀", False),
        ("a龦", False),
        ("a😀", False),
        ("a１", False),
    ],
)
def test_the_browser_and_the_server_accept_the_same_names(name, is_allowed):
    """A browser anchors the pattern at both ends."""
    assert bool(re.match(NAME_PATTERN, name)) is is_allowed
    assert bool(re.fullmatch(NAME_PATTERN_HTML, name)) is is_allowed


def test_the_pattern_is_valid_in_the_v_mode_of_javascript():
    """In a character class of the v mode, these characters need a backslash."""
    for inside in re.findall(r"\[(.*?)\]", NAME_PATTERN_HTML):
        letters = re.sub(r"\\u[0-9a-f]{4}", "x", inside)
        plain = re.sub(r"\w-\w|\\[/-]", "", letters)
        assert not set(plain) & set("()[]{}/-|\\")


def test_every_form_with_a_name_has_the_pattern_and_the_rule(client_for, account):
    image = ImageFactory.create(owner=account)
    InstanceFactory.create(owner=account)
    browser = client_for(account)

    for path in (
        "/bj/images/create/",
        page_of(image, "edit/"),
        page_of(image, "copy/"),
        "/bj/instances/create/",
    ):
        page = browser.get(path)
        assert re.search(r'pattern="([^"]+)"', page.content.decode()).group(1) == NAME_PATTERN_HTML
        assert RULE in text_of(page)


def test_a_list_of_accounts_can_be_a_table():
    form = EntriesForm({"accounts": "\tNote\tAccount\n\tx\tt001\n", "column": ""})

    assert form.is_valid()
    assert form.entries == ["t001"]
    assert form.reading.table.headings == ["Note", "Account"]


@pytest.mark.parametrize(
    ("column", "entries"),
    [("0", ["x"]), ("1", ["t001"]), ("2", ["t001"]), ("-1", ["t001"]), ("one", ["t001"])],
)
def test_another_column_can_be_chosen_and_a_wrong_one_is_ignored(column, entries):
    form = EntriesForm({"accounts": "Note\tAccount\nx\tt001", "column": column})

    assert form.is_valid()
    assert form.entries == entries


def test_a_table_that_is_too_long_says_what_was_read():
    rows = "".join(f"{number}\tt{number}\tx\n" for number in range(501))
    form = EntriesForm({"accounts": f"No.\tAccount\tNote\n{rows}"})

    (sentence,) = form.errors["accounts"]
    assert sentence == (
        "Read 501 accounts from column Account (3 columns, 501 rows). Enter at most 500 at a time."
    )
    assert form.entries == []
    assert form.reading.table.left_out == ["No.", "Note"]


def test_a_list_that_is_too_long_says_how_many_were_read():
    form = EntriesForm({"accounts": " ".join(f"t{number}" for number in range(501))})

    assert form.errors == {"accounts": ["You entered 501 accounts. Enter at most 500 at a time."]}
    assert EntriesForm({"accounts": " ".join(f"t{number}" for number in range(500))}).is_valid()


@pytest.mark.parametrize("text", ["", " \n\t", "Account\tNote", None])
def test_a_list_without_entries_is_refused(text):
    form = EntriesForm({"accounts": text})

    assert form.errors == {"accounts": ["Enter at least one account."]}
    assert form.entries == []


def test_an_unbound_form_has_no_entries():
    assert EntriesForm().entries == []
    assert EntriesForm().reading.table is None


def test_a_column_that_was_selected_in_another_table_is_not_taken():
    other = {"headings": "Account\tNote", "column": "0"}
    text = "备注\t账号\n新\tbranch-hefei\n老\tbranch-jilin"

    form = EntriesForm({"accounts": text, **other})
    same = EntriesForm({"accounts": text, "headings": "备注\t账号", "column": "0"})

    assert (form.is_valid(), form.entries) == (True, ["branch-hefei", "branch-jilin"])
    assert (same.is_valid(), same.entries) == (True, ["新", "老"])
