"""BCC's pages: a marker is where the page begins, by a key that a new row does not move.

Source: BCC, "Query image list", and the marker rule of BCE's REST conventions.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from .wire import MAX_KEYS, Page

M = TypeVar("M", bound=Model)


def page(rows: QuerySet[M], wanted: Page, *, key: str) -> tuple[list[M], dict[str, Any]]:
    """The rows of one page, in the order of the field `key`, and what the answer says of it."""
    size = min(wanted.max_keys, MAX_KEYS)
    if wanted.marker:
        rows = rows.filter(**{f"{key}__gte": wanted.marker})
    found = list(rows.order_by(key)[: size + 1])
    more = found[size:]
    about = {
        "marker": wanted.marker,
        "is_truncated": bool(more),
        "next_marker": getattr(more[0], key) if more else None,
        "max_keys": size,
    }
    return found[:size], about
