"""Pages of BCC's lists: a marker is the key of the first row, so that new rows do not move it.

Source: BCC, "Query image list", and the marker rule of BCE's REST conventions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from .wire import MAX_KEYS, Page

M = TypeVar("M", bound=Model)


def paginate(queryset: QuerySet[M], query: Page, *, key: str) -> tuple[list[M], dict[str, Any]]:
    """Return the rows of one page, ordered by the field `key`, and the fields of PageAnswer."""
    if query.marker:
        queryset = queryset.filter(**{f"{key}__gte": query.marker})
    return cut(queryset.order_by(key)[: count_needed(query)], query, key=key)


def count_needed(query: Page) -> int:
    """Return how many rows `cut` needs at most: those of the page, and the first of the next."""
    return min(query.max_keys, MAX_KEYS) + 1


def cut(rows: Iterable[M], query: Page, *, key: str) -> tuple[list[M], dict[str, Any]]:
    """Return the rows of the page that these begin with, and the fields of PageAnswer."""
    size = count_needed(query) - 1
    rows = list(rows)
    is_truncated = len(rows) > size
    page = {
        "marker": query.marker,
        "is_truncated": is_truncated,
        "next_marker": getattr(rows[size], key) if is_truncated else None,
        "max_keys": size,
    }
    return rows[:size], page
