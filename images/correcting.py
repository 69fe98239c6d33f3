"""Correct a list of accounts as it stands in the box: a pasted table stays a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from . import entries
from .entries import Reading

SPACES = re.compile(r"(\s+)")


def replace(text: str, old: str, new: str, *, reading: Reading, column: int | None = None) -> str:
    """Return the text with the entry `old` replaced by `new`. `reading` is that of the text."""
    expected = [new if entry == old else entry for entry in reading.texts]
    if reading.table and len(reading.table.headings) > 1:
        edited = replace_cells(text, old, new, column=reading.table.column)
    else:
        edited = replace_words(text, old, new)
    return check_edit(edited, expected, column=column)


def remove(
    text: str, refused: Collection[str], *, reading: Reading, column: int | None = None
) -> str:
    """Return the text without the entries in `refused`, and without their rows of a table."""
    refused = set(refused)
    if refused.isdisjoint(reading.texts):
        return text
    expected = [entry for entry in reading.texts if entry not in refused]
    edited = "\n".join(expected)
    if expected and reading.table and len(reading.table.headings) > 1:
        edited = remove_rows(text, refused, column=reading.table.column)
    return check_edit(edited, expected, column=column)


def append(text: str, added: Iterable[str], *, reading: Reading, column: int | None = None) -> str:
    """Return the text with further entries, each on its own line."""
    known = dict.fromkeys(reading.texts)
    new = [entry for entry in dict.fromkeys(added) if entry not in known]
    edited = "\n".join([*([text.rstrip()] if text.strip() else []), *new])
    return check_edit(edited, [*known, *new], column=column)


def check_edit(edited: str, expected: list[str], *, column: int | None) -> str:
    """Return the edited text if it reads as expected, otherwise a plain list of the entries."""
    expected = list(dict.fromkeys(expected))
    read = dict.fromkeys(entries.read(edited, column=column).texts)
    return edited if list(read) == expected else "\n".join(expected)


def replace_words(text: str, old: str, new: str) -> str:
    words = SPACES.split(text)
    replaced = {word: replace_word(word, old, new) for word in set(words)}
    return "".join(replaced[word] for word in words)


def replace_word(word: str, old: str, new: str) -> str:
    """Return the word with `old` in it replaced, with the punctuation around it where possible."""
    if old not in entries.read_list(word):
        return word
    if old in word:
        return re.sub(rf"(?<![\w.@+-]){re.escape(old)}(?![\w@+-])", lambda _match: new, word)
    return new


def replace_cells(text: str, old: str, new: str, *, column: int) -> str:
    rows = entries.parse_table(text)
    for row in rows:
        index = column if len(row) > 1 else 0
        if index < len(row):
            row[index] = replace_words(row[index], old, new)
    return to_text(rows)


def remove_rows(text: str, refused: Collection[str], *, column: int) -> str:
    return to_text(row for row in entries.parse_table(text) if keeps(row, refused, column))


def keeps(row: list[str], refused: Collection[str], column: int) -> bool:
    """Return True if the row has no refused entry. One with several entries is cut down."""
    index = column if len(row) > 1 else 0
    texts = entries.read_list(row[index]) if index < len(row) else []
    kept = [text for text in texts if text not in refused]
    if kept != texts:
        row[index] = " ".join(kept)
    return bool(kept) or not texts


def to_text(rows: Iterable[list[str]]) -> str:
    return "\n".join(row[0] if len(row) == 1 else entries.to_line(row, len(row)) for row in rows)
