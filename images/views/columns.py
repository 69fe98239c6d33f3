"""The columns of the Image List, and the order of its rows."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.wording import LazyText
from images.models import ImageQuerySet


class Column(NamedTuple):
    label: str | LazyText
    key: str = ""  # of ImageQuerySet.sorted_by. Without it, the list can't be sorted by the column.
    is_number: bool = False


SYSTEM = [
    Column(_("Name and ID"), "name"),
    Column(_("Status"), "status"),
    Column(_("Operating system")),
    Column(_("Size"), "size", is_number=True),
]
CREATED = Column(_("Created"), "created")
# For each tab
COLUMNS = {
    "custom": [*SYSTEM, Column(_("Shared with"), "recipients"), CREATED],
    "shared": [*SYSTEM, Column(_("Owner"), "owner"), Column(_("Shared since"), "since")],
    "public": [*SYSTEM, CREATED],
}


class Sort(NamedTuple):
    """The order of the rows. Without a key it is the default: the newest first."""

    key: str = ""
    descending: bool = True

    def __str__(self) -> str:
        """Return the value of the query parameter."""
        return f"-{self.key}" if self.key and self.descending else self.key

    def apply(self, images: ImageQuerySet) -> ImageQuerySet:
        return images.sorted_by(self.key, descending=self.descending) if self.key else images


class Heading(NamedTuple):
    column: Column
    direction: str  # the value of aria-sort. Empty if the rows are sorted by another column.
    next_sort: str  # the order that its link leads to


def read_sort(text: str, tab: str) -> Sort:
    """Return the order that a query asks for, or the default order for what the tab can't do."""
    sort = Sort(text.removeprefix("-"), descending=text.startswith("-"))
    keys = {column.key for column in COLUMNS[tab] if column.key}
    return sort if sort.key in keys else Sort()


def build_headings(sort: Sort, tab: str) -> list[Heading]:
    """Return the headings of a tab. The one that is sorted by reverses the order."""
    return [build_heading(column, sort) for column in COLUMNS[tab]]


def build_heading(column: Column, sort: Sort) -> Heading:
    if column.key != (sort.key or CREATED.key):
        return Heading(column, "", str(Sort(column.key, descending=False)))
    direction = "descending" if sort.descending else "ascending"
    next_sort = Sort(column.key, descending=not sort.descending)
    return Heading(column, direction, str(next_sort))
