"""What an audit event says of the fields of a record: the values before and after, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import override

# The values before and after, by the name of the field. Of nothing, the text is empty.
Changes = dict[str, dict[str, str]]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Return the values that differ, in English like the rest of the trail."""
    with override("en"):
        pairs = {
            name: {"before": to_text(before.get(name)), "after": to_text(after.get(name))}
            for name in [*before, *(name for name in after if name not in before)]
        }
    return {name: pair for name, pair in pairs.items() if pair["before"] != pair["after"]}


def added(row: Model) -> Changes:
    return compare({}, read_values(row))


def removed(row: Model) -> Changes:
    return compare(read_values(row), {})


def read_values(row: Model) -> dict[str, Any]:
    """Return the values of what a form can change, except a password."""
    fields = [each for each in row._meta.concrete_fields if each.editable and not each.auto_created]
    values = {field.name: getattr(row, field.name) for field in fields if field.name != "password"}
    return values | {each.name: getattr(row, each.name).all() for each in row._meta.many_to_many}


def to_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | QuerySet):
        return ", ".join(sorted(map(str, value)))
    return str(value)
