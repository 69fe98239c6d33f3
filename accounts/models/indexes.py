"""The indexes of texts that are searched in part."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Q
from django.db.models.functions import Upper

# The index has groups of three characters. A shorter text is found where a field begins
SHORTEST_PART = 3


def build_search_index(*fields: str, name: str, is_hot: bool = False) -> GinIndex:
    """Return the index with which has_part finds rows (pg_trgm).

    One of a hot table takes new rows in bulk: it costs them less, and each search more.
    """
    parts = [OpClass(Upper(field), name="gin_trgm_ops") for field in fields]
    return GinIndex(*parts, name=name, fastupdate=is_hot)


def has_part(field: str, text: str) -> Q:
    """Return the condition for a field that has the text in upper or lower case."""
    lookup = "icontains" if len(text) >= SHORTEST_PART else "istartswith"
    return Q(**{f"{field}__{lookup}": text})
