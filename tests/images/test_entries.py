"""What is pasted is read as a person means it: lists, tables, mails, chats and our own pages."""

from __future__ import annotations

import pytest

from images.entries import Table, read

PAYMENTS, SEARCH = "7f" * 16, "0c" * 16


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("", []),
        (" \n,;，； ", []),
        ("t001", ["t001"]),
        ("t001 t002,t003;t004\nt005", ["t001", "t002", "t003", "t004", "t005"]),
        ("t001，t002；t003、t004。t005　t006", ["t001", "t002", "t003", "t004", "t005", "t006"]),
        ("t001|t002｜t003", ["t001", "t002", "t003"]),
        ("\ufefft001\r\nt002\r\n", ["t001", "t002"]),
        ("t001\tt002\tt003", ["t001", "t002", "t003"]),
        ("t001 t001", ["t001", "t001"]),
        # Nothing is lost of a list in quotation marks.
        ('"t001"', ["t001"]),
        ('"t001","t002"', ["t001", "t002"]),
        ('"t001", "t002", "t003"', ["t001", "t002", "t003"]),
        ('"t001";"t002"', ["t001", "t002"]),
        ('["t001",\n "t002",\n "t003"]', ["t001", "t002", "t003"]),
        ("('t001', 't002')", ["t001", "t002"]),
        ('the "t001" account', ["the", "t001", "account"]),
        ('"t001\nt002', ["t001", "t002"]),
        # Any letter, and . @ + -
        ("名字 a.b@c-d+e_f", ["名字", "a.b@c-d+e_f"]),
        ("💳 a/b", ["💳", "a/b"]),
    ],
)
def test_a_list_has_an_entry_for_each_word(text, texts):
    assert read(text).texts == texts
    assert read(text).table is None


@pytest.mark.parametrize(
    "text",
    [
        "t\u00ad00\u200b1\ufeff",  # a soft hyphen, a zero-width space, a byte order mark
        "\u200et001\u200f",
        "\u2066t001\u2069",
        "t00\u20601",
        "ｔ００１",
        "'t001'",
        "“t001”",
        "„t001“",
        "‘t001’",
        "«t001»",
        "‹t001›",
        "＂t001＇",
        "`t001`",
        "(t001)",
        "（t001）",
        "[t001]",
        "{t001}",
        "【t001】",
        "〔t001〕",
        "《t001》",
        "〈t001〉",
        "「t001」",
        "『t001』",
        "<t001>",
        "＜t001＞",
        "| t001 |",
        "t001。",
        "• t001",
        "- t001",
        "– t001",
        "@t001",
        "＠t001",
        '="t001"',
        "'=t001",
    ],
)
def test_marks_around_an_entry_are_not_part_of_it(text):
    assert read(text).texts == ["t001"]


def test_letters_are_found_as_they_look():
    assert read("pay\u2011ments").texts == ["pay-ments"]  # a hyphen that doesn't break
    assert read("li.si＠ｅｘａｍｐｌｅ．ｃｏｍ").texts == ["li.si@example.com"]
    assert read("cafe\u0301").texts == ["caf\u00e9"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (f"payments ({PAYMENTS})", [PAYMENTS]),
        (f"payments（{PAYMENTS}）", [PAYMENTS]),
        (f"payments ( {PAYMENTS} )", [PAYMENTS]),
        (f"payments ({PAYMENTS}), search ({SEARCH})", [PAYMENTS, SEARCH]),
        (f"payments（{PAYMENTS}）、search（{SEARCH}）", [PAYMENTS, SEARCH]),
        (f"payments ({PAYMENTS}) search ({SEARCH})", [PAYMENTS, SEARCH]),
        (f"platform, payments ({PAYMENTS})", ["platform", PAYMENTS]),
        (f"platform\n({PAYMENTS})", ["platform", PAYMENTS]),
        (f"({PAYMENTS}) ({SEARCH})", [PAYMENTS, SEARCH]),
        (f"payments ({PAYMENTS.upper()})", [PAYMENTS.upper()]),
        (f"payments {PAYMENTS}", ["payments", PAYMENTS]),
        (f"payments ({PAYMENTS[1:]})", ["payments", PAYMENTS[1:]]),
        (f"payments ({PAYMENTS} x)", ["payments", PAYMENTS, "x"]),
        ("payments (search)", ["payments", "search"]),
    ],
)
def test_of_a_name_with_its_account_id_the_id_is_the_entry(text, texts):
    assert read(text).texts == texts


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        # Outlook
        ("Zhang San <zhang.san@example.com>; Li Si <li@example.com>", 2),
        ('"Zhang, San" <zhang.san@example.com>; "Li, Si" <li@example.com>', 2),
        ("张三 <zhang.san@example.com>，李四 <li@example.com>", 2),
        ("Zhang San <zhang.san@example.com> Li Si <li@example.com>", 2),
        ("<zhang.san@example.com>\n<li@example.com>", 2),
        ("Zhang San <zhang.san@example.com>", 1),
    ],
)
def test_of_a_name_with_its_address_the_address_is_the_entry(text, texts):
    assert read(text).texts == ["zhang.san@example.com", "li@example.com"][:texts]


def test_words_before_brackets_without_an_address_are_kept():
    assert read("payments <search>").texts == ["payments", "search"]


def test_of_a_table_one_column_is_read():
    assert read("t001\tPayments team\r\nt002\tsince May\r\n") == read(
        "t001\tPayments team\nt002\tsince May"
    )
    reading = read("t001\tPayments team\nt002\tsince May\n")

    assert reading.texts == ["t001", "t002"]
    assert reading.table == Table(["Column 1", "Column 2"], column=0, rows=2)
    assert reading.table.left_out == ["Column 2"]


@pytest.mark.parametrize(
    ("headings", "column"),
    [
        ("Note\tAccount", 1),
        ("Note\tACCOUNT ", 1),
        ("Note\tＡｃｃｏｕｎｔ", 1),
        ("Note\tAccount (required)", 1),
        ("备注\t账号", 1),
        ("备注\t帐号：", 1),
        ("备注\t*账号（必填）", 1),
        ("Note\tAccount  ID", 1),
        ("备注\t账号 ID", 1),
        ("Note\tcloud account", 1),
        ("备注\t云账号", 1),
        ("Note\tBaidu account", 1),
        ("备注\t百度账号", 1),
        ("Note\tUser ID", 1),
        ("备注\t用户 ID", 1),
        ("Note\tUser", 1),
        ("备注\t用户", 1),
        ("Anything\tAccount", 1),
        ("Account\tAccount ID", 1),
        ("Account ID\tRecipients", 1),
        ("账号 ID\t共享对象", 1),
        ("Account\tNote", 0),
        ("Name\tNote", 0),
        ("姓名\t部门", 0),
    ],
)
def test_the_headings_decide_which_column(headings, column):
    reading = read(f"{headings}\nt001\tt101\nt002\tt102")

    assert reading.texts == [["t001", "t002"], ["t101", "t102"]][column]
    assert reading.table.column == column
    assert reading.table.rows == 2


@pytest.mark.parametrize(
    "first_row",
    ["t000\tuser", "t000\t用户", "t000\tname", "Project\tNote 3", "t000\tnote"],
)
def test_words_that_may_be_data_are_no_headings(first_row):
    reading = read(f"{first_row}\nt001\tadmin")

    assert reading.texts == [first_row.split("\t")[0], "t001"]
    assert reading.table.headings == ["Column 1", "Column 2"]


def test_a_role_that_is_repeated_is_no_heading():
    assert read("t001\taccount\nt002\taccount").texts == ["t001", "t002"]
    assert read("account\nt001\naccount").texts == ["account", "t001", "account"]
    assert read("note\t\nt001\tx").texts == ["note", "t001"]


@pytest.mark.parametrize("note", ["please, share", "新 员工", '"please, share"'])
def test_the_words_of_a_note_in_one_row_are_no_entries(note):
    reading = read(f"t001\t{note}")

    assert reading.texts == ["t001"]
    assert reading.table.left_out == ["Column 2"]
    assert read(f"{note}\tt001", column=1).texts == ["t001"]


def test_another_column_can_be_read():
    text = "Account\tOwner\nt001\tt101\nt002\tt102"

    assert read(text, column=1).texts == ["t101", "t102"]
    assert read(text, column=1).table.left_out == ["Account"]
    for column in (2, -1, 10**9):
        assert read(text, column=column) == read(text)


def test_ragged_rows_and_empty_ones_are_read():
    text = "\nNote\tAccount\t\t\n\t\t\t\nx\tt001\ty\n\tt002\nz\t\n\n"

    reading = read(text)

    assert reading.texts == ["t001", "t002"]
    assert reading.table == Table(["Note", "Account", "Column 3"], column=1, rows=3)


def test_a_line_that_was_typed_below_a_table_is_not_lost():
    assert read("Note\tAccount\nx\tt001\ny\tt002\nt003").texts == ["t001", "t002", "t003"]


def test_a_column_that_is_empty_is_not_there():
    assert read("\tAccount\tNote\n\tt001\tx\n").table.headings == ["Account", "Note"]
    assert read("t001\t\nt002\t\n").table is None


def test_cells_in_quotation_marks_can_have_line_breaks():
    text = 't001\t"a note,\nin ""two"" lines"\n"t002\nt003"\tx\n'

    assert read(text).texts == ["t001", "t002", "t003"]


def test_a_quotation_mark_in_a_note_is_text():
    assert read('t001\t"12 inch\nt002\tx').texts == ["t001", "t002"]
    assert read('t001\t"big" one\nt002\tx').texts == ["t001", "t002"]


@pytest.mark.parametrize("delimiter", [",", ";", ", "])
def test_quoted_cells_are_a_table_without_tabs(delimiter):
    text = '"Note","Account"\n"x, y; z","t001"\n"","t002"'.replace('","', f'"{delimiter}"')

    assert read(text).texts == ["t001", "t002"]
    assert read(text).table == Table(["Note", "Account"], column=1, rows=2)


def test_cells_are_a_list_only_of_their_own_column():
    assert read("t001, t002\tx, y\nt003\tz").texts == ["t001", "t002", "t003"]


def test_a_repeated_account_in_a_table_is_read_once():
    assert read("t001\tx\nt002\ty\nt001\tz").texts == ["t001", "t002"]


@pytest.mark.parametrize("heading", ["账号", "Account", "account id", "云账号", "共享对象"])
def test_the_heading_of_a_single_column_is_no_entry(heading):
    reading = read(f"{heading}\r\nt001\r\nt002\r\n")

    assert reading.texts == ["t001", "t002"]
    assert reading.table == Table([heading], column=0, rows=2)
    assert reading.table.left_out == []


@pytest.mark.parametrize("text", ["account", "user\nt001", "account t001", "t001\naccount"])
def test_an_account_with_the_name_of_a_heading_is_an_entry(text):
    assert read(text).texts == text.split()


def test_headings_alone_have_no_entries():
    assert read("Account\tNote").texts == []


def test_labels_are_short_and_of_one_line():
    reading = read('Account\tNote\0\t"two\nlines"\t' + "x" * 500 + "\nt001\ty\tz\tz\n")

    assert reading.table.headings == ["Account", "Note", "two lines", "x" * 80]


def test_of_a_very_wide_table_two_hundred_columns_are_offered():
    row = "\t".join(f"t{number}" for number in range(1000))

    assert len(read(f"{row}\n{row}").table.headings) == 200
