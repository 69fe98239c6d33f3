"""The list of accounts in the Share dialog before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from accounts.exceptions import Refused
from accounts.http import ConsoleRequest
from accounts.tables import UnreadableFile
from images import correcting, entries
from images.entries import Reading
from images.forms import MAX_ENTRIES, DraftForm, EntriesForm, ShareForm


@dataclass(frozen=True)
class Draft:
    """What is in the Share dialog: the text in the box, how it is read, and what was taken out."""

    text: str
    column: int | None = None
    removed: Sequence[str] = ()
    file_refusal: Refused | None = None
    is_unchecked: bool = False
    known: Reading | None = None  # of the text, if it was read already

    @cached_property
    def reading(self) -> Reading:
        return self.known or entries.read(self.text, column=self.column)

    def edited(self, edit: Callable[..., str], *what: Any) -> Draft:
        """Return the draft after a function of `correcting`."""
        text = edit(self.text, *what, reading=self.reading, column=self.column)
        return replace(self, text=text, known=None)

    def get_form(self, *, acknowledged: bool = False) -> ShareForm:
        """Return a form with the draft. An empty list is no error yet."""
        data = {"accounts": self.text, "column": self.column, "acknowledged": acknowledged}
        if not self.text.strip():
            return ShareForm(initial=data)
        return DraftForm(data, reading=self.reading)

    @property
    def entries(self) -> Sequence[str]:
        return self.reading.texts

    @property
    def is_too_long(self) -> bool:
        """Return True if nothing was looked up, so that there is nothing to correct."""
        return self.reading.is_too_long or len(self.entries) > MAX_ENTRIES

    def with_entries(self, texts: Sequence[str]) -> Draft:
        if self.is_too_long:
            return self
        return self.edited(correcting.append, texts)

    def without(self, refused: Sequence[str]) -> Draft:
        removed = dict.fromkeys([*self.removed, *refused])
        return replace(self.edited(correcting.remove, refused), removed=list(removed))

    def with_removed(self) -> Draft:
        if self.is_too_long:
            return self
        return replace(self.with_entries(self.removed), removed=[])

    def corrected(self, correction: str) -> Draft:
        """Return the draft after a correction of one entry: "<new text> <old text>"."""
        if self.is_too_long:
            return self
        new, _space, old = correction.partition(" ")
        return self.edited(correcting.replace, old, new)

    def with_file(self, data: bytes) -> Draft:
        """Return the draft with the content of a file. What was in the box counts as removed."""
        try:
            text = entries.read_file(data)
        except UnreadableFile as refusal:
            return replace(self, file_refusal=refusal)
        removed = dict.fromkeys([*self.removed, *self.entries])
        return Draft(text, removed=list(removed))


def read_draft(request: ConsoleRequest) -> Draft:
    form = EntriesForm(request.POST)
    return Draft(
        text=request.POST.get("accounts", ""),
        column=form.chosen_column,
        known=form.reading,
        removed=request.POST.getlist("removed"),
    )
