"""The columns of lists that are sorted by links in their headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.wording import LazyText
from images.models import ImageQuerySet


class Column(NamedTuple):
    label: str | LazyText
    key: str = ""  # the value in the address. Without it, the list can't be sorted by the column.
    is_number: bool = False


SYSTEM = [
    Column(_("Name and ID"), "name"),
    Column(_("Status"), "status"),
    Column(_("Operating system")),
    Column(_("Size"), "size", is_number=True),
]
CREATED = Column(_("Created"), "created")
# For each tab of the Image List. The keys are those of ImageQuerySet.sorted_by.
COLUMNS = {
    "custom": [*SYSTEM, Column(_("Shared with"), "recipients"), CREATED],
    "shared": [*SYSTEM, Column(_("Owner"), "owner"), Column(_("Shared since"), "since")],
    "public": [*SYSTEM, CREATED],
}


class Sort(NamedTuple):
    """The order of the rows. Without a key it is the default of the list."""

    key: str = ""
    descending: bool = False

    def __str__(self) -> str:
        """Return the value of the query parameter."""
        return f"-{self.key}" if self.descending else self.key

    def apply(self, images: ImageQuerySet) -> ImageQuerySet:
        return images.sorted_by(self.key, descending=self.descending) if self.key else images


class Heading(NamedTuple):
    column: Column
    direction: str  # the value of aria-sort. Empty if the rows are sorted by another column.
    next_sort: str  # the order that its link leads to


NEWEST_FIRST = Sort(CREATED.key, descending=True)


def read_sort(text: str, columns: Sequence[Column]) -> Sort:
    """Return the order that a query asks for, or the default order if there is no such column."""
    sort = Sort(text.removeprefix("-"), descending=text.startswith("-"))
    return sort if sort.key in {column.key for column in columns if column.key} else Sort()


def build_headings(sort: Sort, columns: Sequence[Column], *, default: Sort) -> list[Heading]:
    """Return the headings. The one that the rows are sorted by reverses the order."""
    current = sort if sort.key else default
    return [build_heading(column, current) for column in columns]


def build_heading(column: Column, current: Sort) -> Heading:
    if column.key != current.key:
        return Heading(column, "", str(Sort(column.key)))
    direction = "descending" if current.descending else "ascending"
    next_sort = Sort(column.key, descending=not current.descending)
    return Heading(column, direction, str(next_sort))
