"""The list of accounts in the Share dialog before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.exceptions import Refused
from accounts.http import ConsoleRequest
from accounts.tables import UnreadableFile
from images import correcting, entries
from images.forms import MAX_ENTRIES, DraftForm, EntriesForm, ShareForm


@dataclass(frozen=True, slots=True)
class Draft:
    """What is in the Share dialog: the text in the box, how it is read, and what was taken out."""

    text: str
    column: int | None = None
    removed: Sequence[str] = ()
    file_refusal: Refused | None = None

    def get_form(self, *, acknowledged: bool = False) -> ShareForm:
        """Return a form with the draft. An empty list is no error yet."""
        data = {"accounts": self.text, "column": self.column, "acknowledged": acknowledged}
        return DraftForm(data) if self.text.strip() else ShareForm(initial=data)

    @property
    def entries(self) -> Sequence[str]:
        return entries.read(self.text, column=self.column).texts

    @property
    def is_too_long(self) -> bool:
        """Return True if nothing was looked up, so that there is nothing to correct."""
        return len(self.entries) > MAX_ENTRIES

    def with_entries(self, texts: Sequence[str]) -> Draft:
        if self.is_too_long:
            return self
        return replace(self, text=correcting.append(self.text, texts, column=self.column))

    def without(self, refused: Sequence[str]) -> Draft:
        text = correcting.remove(self.text, refused, column=self.column)
        removed = dict.fromkeys([*self.removed, *refused])
        return replace(self, text=text, removed=list(removed))

    def with_removed(self) -> Draft:
        if self.is_too_long:
            return self
        return replace(self.with_entries(self.removed), removed=[])

    def corrected(self, correction: str) -> Draft:
        """Return the draft after a correction of one entry: "<new text> <old text>"."""
        if self.is_too_long:
            return self
        new, _space, old = correction.partition(" ")
        return replace(self, text=correcting.replace(self.text, old, new, column=self.column))

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
        removed=request.POST.getlist("removed"),
    )
