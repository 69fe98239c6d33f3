"""CSV files become text for the box, which is read as the same table."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.utils.translation import override

from accounts import exports
from accounts.activity import read_events
from accounts.models import AuditEvent
from accounts.tables import FileTooLarge, UnreadableFile
from images import sharing
from images.entries import Table, read, read_file

from ..factories import AccountFactory, ImageFactory
from .verbs import entries_for


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_files_of_spreadsheets_are_decoded(encoding):
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    data = f"{mark}账号,备注\r\nt001,支付\r\nt002,搜索\r\n".encode(encoding)

    assert read_file(data) == "账号\t备注\nt001\t支付\nt002\t搜索"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_each_delimiter_is_found(delimiter, quoting):
    file = StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
    writer.writerows([["Note", "Account"], ["a, b; c\nd", "t001"], ['"e" f', "t002"]])

    text = read_file(file.getvalue().encode())

    assert text == 'Note\tAccount\na, b; c d\tt001\n"""e"" f"\tt002'
    assert read(text).texts == ["t001", "t002"]
    assert read(text).table == Table(["Note", "Account"], column=1, rows=2)


def test_a_file_without_quotation_marks_is_a_table_in_the_box():
    text = read_file(b"t001,Payments team\nt002,since May, 2026\n")

    assert read(text).texts == ["t001", "t002"]
    assert read(text).table.left_out == ["Column 2", "Column 3"]


def test_titles_and_short_rows_of_a_file_are_not_typed_lines():
    text = read_file(b"Note,Account\nx,t001\nTotal\n")

    assert read(text).texts == ["t001"]


@pytest.mark.parametrize(
    ("data", "text", "texts"),
    [
        ("t001\r\nt002\r\n", "t001\nt002", ["t001", "t002"]),
        ("账号\nt001\nt002", "账号\nt001\nt002", ["t001", "t002"]),
        ('"Account"\n"t001"\n"t002"\n', "Account\nt001\nt002", ["t001", "t002"]),
        ("t001,,\nt002,,\n", "t001\nt002", ["t001", "t002"]),
        ("t001,t002,t003\n", "t001\tt002\tt003", ["t001", "t002", "t003"]),
        ('t001\n"t002\n', 't001\n"t002', ["t001", "t002"]),
        ("", "", []),
    ],
)
def test_files_with_one_column_or_row_are_lists(data, text, texts):
    assert read_file(data.encode()) == text
    assert read(text).texts == texts


def to_zip():
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        to_zip(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"t001\0t002",
        "t001".encode("utf-16-le"),
        b"%PDF-1.7\n\x01\x02",
        b"\xff\xfe\x00",
        b"\xff\xff\xff\xff",
    ],
    ids=["xlsx", "xls", "nul", "utf-16 without mark", "pdf", "half a character", "no text"],
)
def test_other_files_are_refused(data):
    with pytest.raises(UnreadableFile) as refusal:
        read_file(data)

    assert str(refusal.value) == (
        "Can't read this file. Save the spreadsheet as CSV, then choose it."
    )
    assert refusal.value.fields == ("file", "accounts")


def test_a_file_can_have_one_megabyte():
    assert read_file(b"x" * 1_000_000) == "x" * 1_000_000
    with pytest.raises(FileTooLarge) as refusal:
        read_file(b"x" * 1_000_001)

    assert str(refusal.value) == "Choose a file of at most 1 MB."


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "heading"), [("en", "Recipients"), ("zh-hans", "共享对象")])
def test_our_own_export_can_be_pasted_back(actor_for, language, heading):
    owner = AccountFactory.create()
    image = ImageFactory.create(owner=owner)
    recipients = AccountFactory.create_batch(2)
    sharing.share(image=image, entries=entries_for(*recipients), by=actor_for(owner))
    with override(language):
        events = read_events(AuditEvent.objects.all(), reader=owner)
        with exports.write_csv([*events, *events]) as file:
            data = file.read()

    for text in (read_file(data), data.decode()):
        reading = read(text)
        assert reading.texts == [account.account_id for account in recipients]
        assert reading.table.heading == heading
        assert reading.table.rows == 2


@pytest.mark.parametrize("formula", ["=golden", "+1", "@x", "-x"])
def test_the_sign_that_our_export_puts_before_a_formula_is_no_part_of_a_cell(formula):
    text = read_file(f"Account,Note\n{exports.escape_formula(formula)}t001,x\nt002,y".encode())

    assert read(text).texts == [formula[1:] + "t001", "t002"]
