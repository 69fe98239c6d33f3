"""Lists that are too long to be counted."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

# The rows that a list of the administration has at most
LONGEST = 1000


class BoundedPaginator(Paginator):
    """The pages of the first LONGEST rows."""

    object_list: QuerySet[Any]

    @cached_property
    def found(self) -> int:
        return self.object_list.order_by()[: LONGEST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, LONGEST)

    @property
    def has_more(self) -> bool:
        return self.found > LONGEST
