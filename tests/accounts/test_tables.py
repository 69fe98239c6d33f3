"""Rows of files. tests/images/test_entries_files.py reads them as recipients, too."""

from __future__ import annotations

import pytest

from accounts.tables import FileTooLarge, UnreadableFile, normalize_heading, read_rows


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffaccount,role\r\npayments,viewer\r\n".encode(),
        b"account;role\npayments;viewer\n",
        b"account\trole\npayments\tviewer\n",
        "account,role\npayments,viewer\n".encode("utf-16"),
        b'"account","role"\n\n"payments","viewer"\n,\n',
    ],
)
def test_the_rows_of_a_file(data):
    assert read_rows(data) == [["account", "role"], ["payments", "viewer"]]


def test_files_of_chinese_spreadsheets_are_read():
    assert read_rows("账号,角色\n支付,查看者\n".encode("gb18030"))[0] == ["账号", "角色"]


def test_a_column_alone_has_a_row_for_each_line():
    assert read_rows(b"account\npayments\n") == [["account"], ["payments"]]


def test_what_is_no_text_or_too_large_is_refused():
    with pytest.raises(UnreadableFile):
        read_rows(b"PK\x03\x04\x00")
    with pytest.raises(FileTooLarge):
        read_rows(b"a" * 1_000_001)


@pytest.mark.parametrize(
    "heading", ["Account ID", "account_id", "ＡＣＣＯＵＮＴ ID", "Account ID (hex)"]
)
def test_a_heading_is_read_without_what_does_not_matter(heading):
    assert normalize_heading(heading) == "accountid"
