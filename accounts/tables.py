"""Read tables: files of spreadsheets, and what is pasted from them."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from io import StringIO

from django.utils.translation import gettext_lazy as _

from .exceptions import Refused

Rows = list[list[str]]

MAX_FILE_BYTES = 1_000_000
# The longest label of a column, and the longest text that is worth normalizing
MAX_LABEL = 80

BRACKETED = re.compile(r"[(（\[【].{0,40}$")
NOT_TEXT = re.compile(r"[\0-\x08\x0e-\x19\x1b-\x1f]")


class UnreadableFile(Refused):
    code = "unreadable-file"
    fields = ("file", "accounts")
    sentence = _("Can't read this file. Save the spreadsheet as CSV, then choose it.")


class FileTooLarge(UnreadableFile):
    code = "file-too-large"
    sentence = _("Choose a file of at most 1 MB.")


def read_rows(data: bytes) -> Rows:
    """Return the rows of a CSV file without empty rows and columns.

    The delimiter is a comma, a semicolon or a tab. Raises UnreadableFile or FileTooLarge.
    """
    text = decode(data)
    return drop_empty(parse_best(text, ",;\t") or [[line] for line in text.splitlines()])


def decode(data: bytes) -> str:
    """Return the text of a file: Unicode, or GB18030 as spreadsheets in China write it."""
    if len(data) > MAX_FILE_BYTES:
        raise FileTooLarge
    has_utf16_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_utf16_mark else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not NOT_TEXT.search(text):
            return text
    raise UnreadableFile


def parse_best(text: str, delimiters: str) -> Rows | None:
    """Return the rows with the delimiter that finds the most columns. None if no one fits."""
    parsed = [rows for rows in (parse_csv(text, each) for each in delimiters) if rows]
    return max(parsed, key=lambda rows: (len(rows[0]), sum(map(len, rows))), default=None)


def parse_csv(text: str, delimiter: str) -> Rows | None:
    """Return the rows, or None if the quotation marks don't fit."""
    lines = StringIO(text, newline="")
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None


def drop_empty(rows: Rows) -> Rows:
    """Return the rows without those that are empty, and without columns that are empty in all."""
    used = {index for row in rows for index, cell in enumerate(row) if cell.strip()}
    kept = sorted(used)
    if kept[-1:] == [len(kept) - 1]:
        rows = [row[: len(kept)] for row in rows]
    else:
        rows = [[cell for index, cell in enumerate(row) if index in used] for row in rows]
    return [row for row in rows if any(cell.strip() for cell in row)]


def normalize_heading(cell: str) -> str:
    """Return the heading without what doesn't matter: case, width, spaces, marks, brackets."""
    text = BRACKETED.sub("", unicodedata.normalize("NFKC", cell[:MAX_LABEL]).casefold())
    return "".join(char for char in text if char.isalnum())
