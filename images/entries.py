"""Read a list of accounts as people paste it: from a spreadsheet, a mail, a chat or our pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.tables import (
    MAX_LABEL,
    Rows,
    drop_empty,
    normalize_heading,
    parse_best,
    parse_csv,
    read_rows,
)

# Columns after these are not offered.
MAX_COLUMNS = 200
# A longer text is not read: it would take seconds.
LONGEST_TEXT = 300_000

# These end an entry and its row. Other whitespace, brackets and quotes only end an entry.
BREAKS = frozenset(",;|、。､｡•\n\r\v\f\u2028\u2029\t")
QUOTES = frozenset("\"'`´′″")
# Hyphens that word processors write instead of the one in names
HYPHENS = frozenset("\u2010\u2011\u2012\u2013\u2212")
PAIRS = frozenset({"Ps", "Pe", "Pi", "Pf"})
# No identifier starts with these: they are bullets, mentions and formulas.
LEADING = ".@+-="

TOKEN = re.compile(r"[^\s()<>]+|[()<>\n]")
ACCOUNT_ID = re.compile(r"[0-9a-fA-F]{32}")
# "Zhang, San" <zhang.san@example.com>
QUOTED_NAME = re.compile(r'"[^"\n]*"(?=[ ]*<)')
QUOTED_CELL = re.compile(r'(?:^|[,;])[ ]*"', re.MULTILINE)

# Headings of columns with accounts, the best first, as normalize_heading returns them
ACCOUNT_HEADINGS = (
    "recipients recipient sharedwith 共享对象 已共享给 共享给",
    "accountid accountids recipientid 账号id 帐号id 账户id 共享对象id",
    "accountandid 账号和id",
    "accountname accountnames 账号名 账号名称 帐号名 帐号名称 账户名 账户名称",
    "account accounts recipientaccount 账号 帐号 账户 共享账号 共享帐号",
    "cloudaccount cloudaccounts 云账号 云帐号",
    "baiduaccount baiduaccounts ucaccount 百度账号 百度帐号 百度账户",
    "userid userids 用户id",
)
PRIORITY = {word: rank for rank, words in enumerate(ACCOUNT_HEADINGS) for word in words.split()}
# Headings only if the other cells of the row are headings too
WEAK_PRIORITY = {
    word: len(ACCOUNT_HEADINGS)
    for word in ("user", "users", "username", "用户", "用户名", "子用户")
}
OTHER_HEADINGS = frozenset(
    """
    note notes remark remarks comment comments description purpose reason 备注 说明 描述 用途 原因
    department dept team group project company organization 部门 团队 组 小组 项目 公司 组织
    name fullname contact owner manager 姓名 名称 名字 联系人 负责人 所有者 经理
    email mail phone mobile 邮箱 邮件 电子邮件 电话 手机 手机号
    id no number index 序号 编号 date time created status region role 日期 时间 状态 地域 角色
    sharedsince sharedby actions 共享时间 共享人 操作
    """.split()  # noqa: SIM905 - a list would have one word a line
)


@dataclass(frozen=True, slots=True)
class Table:
    """How a table was read: from one of its columns. `rows` doesn't count the headings."""

    headings: Sequence[str]
    column: int
    rows: int

    @property
    def heading(self) -> str:
        return self.headings[self.column]

    @property
    def key(self) -> str:
        """Return text that tells tables with other headings apart."""
        return "\t".join(self.headings)

    @property
    def left_out(self) -> list[str]:
        return [text for index, text in enumerate(self.headings) if index != self.column]


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries in a text, and the table that they are from, if it is one."""

    texts: Sequence[str]
    table: Table | None = None
    is_too_long: bool = False


def read(text: str, *, column: int | None = None) -> Reading:
    """Return the entries of a list, or of one column of a table.

    A text with tabs or quoted cells is a table, unless it is a list in one row. `column` is the
    index of the column to read. Without it, or if there is no such column, the headings decide.
    Reading takes long, so read a text once.
    """
    if len(text) > LONGEST_TEXT:
        return Reading([], is_too_long=True)
    rows = parse_table(text)
    wide_rows = [row for row in rows if len(row) > 1]
    if wide_rows and (has_headings(rows) or not is_list(wide_rows)):
        return read_table(rows, column)
    lines = [] if wide_rows else [line for line in text.splitlines() if line.strip()]
    if lines[1:] and normalize_heading(lines[0]) in PRIORITY and not is_repeated(lines):
        table = Table([to_label(lines[0], 0)], column=0, rows=len(lines) - 1)
        return Reading(read_list("\n".join(lines[1:])), table)
    return Reading(read_list(text))


def is_list(rows: Rows) -> bool:
    """Return True if there is one row, with one entry in each cell: accounts, and no note."""
    return len(rows) == 1 and all(len(read_list(cell)) <= 1 for cell in rows[0][:MAX_COLUMNS])


def read_table(rows: Rows, column: int | None) -> Reading:
    """Return the entries of one column, and those of lines that were typed below the table."""
    headings, data = (rows[0], rows[1:]) if has_headings(rows) else ([], rows)
    width = min(max(map(len, rows)), MAX_COLUMNS)
    labels = [to_label(get_cell(headings, index), index) for index in range(width)]
    if column is None or not 0 <= column < width:
        column = find_account_heading(headings) or 0
    cells = (row[0] if len(row) == 1 else get_cell(row, column) for row in data)
    texts = list(dict.fromkeys(read_list("\n".join(cells))))
    return Reading(texts, Table(labels, column=column, rows=len(data)))


def get_cell(row: Sequence[str], index: int) -> str:
    return row[index] if index < len(row) else ""


def to_label(heading: str, index: int) -> str:
    label = " ".join(heading.strip("\ufeff'").split())[:MAX_LABEL].replace("\0", "")
    return label or _("Column %(number)d") % {"number": index + 1}


def has_headings(rows: Rows) -> bool:
    """Return True if the first row names accounts, or if all its cells are known headings."""
    index = find_account_heading(rows[0])
    if index is None:
        return are_headings(rows[0])
    return not is_repeated([get_cell(row, index) for row in rows])


def is_repeated(cells: Sequence[str]) -> bool:
    """Return True if the first cell is there again, like a role or a note."""
    first = cells[0].strip()
    return any(cell.strip() == first for cell in cells[1:])


def find_account_heading(row: Sequence[str]) -> int | None:
    """Return the index of the heading that names accounts best, or None."""
    words = [normalize_heading(cell) for cell in row[:MAX_COLUMNS]]
    priority = PRIORITY | WEAK_PRIORITY if are_headings(row) else PRIORITY
    found = [index for index, word in enumerate(words) if word in priority]
    return min(found, key=lambda index: priority[words[index]], default=None)


def are_headings(row: Sequence[str]) -> bool:
    words = [word for word in map(normalize_heading, row[:MAX_COLUMNS]) if word]
    return len(words) > 1 and OTHER_HEADINGS.union(PRIORITY, WEAK_PRIORITY).issuperset(words)


def parse_table(text: str) -> Rows:
    """Return the rows of a table without empty rows and columns, or none for a list."""
    text = text.removeprefix("\ufeff")
    if "\t" in text:
        rows = parse_csv(text, "\t")
        if rows is None:  # a quotation mark that is only text
            rows = [line.split("\t") for line in text.splitlines()]
    elif QUOTED_CELL.search(text):
        rows = parse_best(text, ",;") or []
    else:
        rows = []
    return drop_empty(rows)


def read_list(text: str) -> list[str]:
    """Return the entries of a text without columns.

    Of "name (account ID)" the ID is the entry, and of "Name <address>" the address.
    """
    entries: list[str] = []
    start = 0  # the first entry of the row, after the last one with an ID or an address
    tokens = ["\n", *TOKEN.findall(fold(QUOTED_NAME.sub(" ", text))), "\n"]
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token == "\n":  # noqa: S105 - not a secret
            start = len(entries)
        elif entry := clean(token):
            is_id = before + after == "()" and ACCOUNT_ID.fullmatch(entry) is not None
            is_address = before + after == "<>" and "@" in entry
            if is_address:
                del entries[start:]
            elif is_id and len(entries) > start:
                entries.pop()
            entries.append(entry)
            start = len(entries) if is_id or is_address else start
    return entries


def clean(token: str) -> str:
    """Return the entry of a token: empty for a bracket or a bullet."""
    entry = "" if token in {"(", ")", "<", ">"} else token.lstrip(LEADING)
    # Normalizing takes long for a long text, which is no identifier.
    return unicodedata.normalize("NFC", entry) if len(entry) <= MAX_LABEL * 4 else entry


def fold(text: str) -> str:
    """Return the text with one spelling of each separator, and without what can't be seen."""
    return text.translate({ord(char): fold_char(char) for char in set(text)})


def fold_char(char: str) -> str:
    """Return what a character is read as: nothing, a separator, or its half-width form."""
    if "！" <= char <= "～":
        char = chr(ord(char) - 0xFEE0)
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if char in HYPHENS:
        return "-"
    if char in BREAKS:
        return "\n"
    if char in "()<>":
        return char
    return " " if char.isspace() or char in QUOTES or category in PAIRS else char


def read_file(data: bytes) -> str:
    """Return a CSV file as text for the box, which reads it as the same table.

    The delimiter is a comma, a semicolon or a tab. Raises UnreadableFile or FileTooLarge.
    """
    rows = read_rows(data)
    width = max(map(len, rows), default=0)
    return "\n".join(to_line(row, width) for row in rows)


def to_line(row: Iterable[str], width: int) -> str:
    """Return a row of `width` cells for parse_table."""
    cells = [" ".join(cell.split()) for cell in row]
    if width > 1:
        cells = [
            f'"{cell.replace(chr(34), chr(34) * 2)}"' if '"' in cell else cell for cell in cells
        ]
    return "\t".join(cells + [""] * (width - len(cells)))
