"""Lists that cost the same at any size.

A list has at most LONGEST rows: of more it only says that there are more. It is sorted only by
what an index sorts, and a search looks into the indexes one after the other, because PostgreSQL
reads whole tables for an OR over several of them. What a row counts, the page counts for its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from operator import or_
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from .. import standby
from ..http import ConsoleRequest
from ..models.indexes import has_part
from ..paging import LONGEST, BoundedPaginator

# Rows that are sorted in less time than a page may take
MANY = 200_000
# Keys of related rows that PostgreSQL looks up faster than it compares texts
MOST_KEYS = 2_000


class BoundedList(ChangeList):
    """Django's list, whose rows are complete, and which is sorted by `sortable_by` only."""

    model_admin: BoundedAdmin

    def get_ordering_field(self, field_name: Any) -> Any:
        is_offered = field_name in (self.sortable_by or ())
        return super().get_ordering_field(field_name) if is_offered else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[Any] = list(self.result_list)
        self.show_admin_actions = bool(self.result_list)
        self.model_admin.complete(self.result_list)


class BoundedAdmin(admin.ModelAdmin):
    """An admin whose list and search cost the same at any size."""

    paginator = BoundedPaginator
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return BoundedList

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Read the list, from a standby if nothing is done to it."""
        get_list = super().get_changelist_instance
        if request.method != "GET":
            return get_list(request)
        actor = cast("ConsoleRequest", request).actor
        return standby.read(lambda: get_list(request), by=actor)

    def complete(self, rows: Sequence[Any]) -> None:
        """Add to the rows of a page what they show of other tables."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the rows that have each word in one of the fields."""
        words = sorted(split_words(search_term), key=len, reverse=True)
        fields = self.get_search_fields(request)
        if not words or not fields:
            return queryset, False
        conditions = [list_conditions(queryset.model, fields, word) for word in words]
        for others in conditions[1:]:
            queryset = queryset.filter(reduce(or_, others))
        arms = [sort_few(queryset.filter(each)) for each in conditions[0]]
        return find_together(arms, request, like=queryset), False


def sort_few(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Let PostgreSQL find the rows by what they contain and sort them, unless it expects many.

    It would read the table in the order of the list until it has found enough. That is long if all
    it finds is old.
    """
    is_read_in_order = not rows.query.order_by or estimate(rows) > MANY
    return rows if is_read_in_order else sort_all(rows)


def sort_all(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Let PostgreSQL sort: the expression keeps it from using the index of the order."""
    if not rows.query.order_by:
        return rows
    first, *others = rows.query.order_by
    name = str(first).removeprefix("-")
    key = Coalesce(name, name)
    return rows.order_by(key.desc() if first != name else key.asc(), *others)


def estimate(rows: QuerySet[Any]) -> int:
    """Return how many rows PostgreSQL expects."""
    text = rows.order_by().explain(format="json")
    number: int = json.loads(text)[0]["Plan"]["Plan Rows"] if text else 0
    return number


def find_together(
    arms: Sequence[QuerySet[Any]], request: HttpRequest, *, like: QuerySet[Any]
) -> QuerySet[Any]:
    """Return the first rows of several queries together: as many as the list of the request has.

    They are sorted as in `like`, as those of each query must be. They are found at once: what
    PostgreSQL expects of a subquery can be far from the truth, and then it reads the whole table in
    the order of the list.
    """
    number = getattr(request, "longest_list", LONGEST) + 1
    first, *others = [arm.values_list("pk", flat=True)[:number] for arm in arms]
    found: QuerySet[Any] = like.model.objects.filter(
        pk__in=list(first.union(*others) if others else first)
    )
    found.query.select_related = like.query.select_related
    return sort_all(found.order_by(*like.query.order_by))


def build_related_q(rows: QuerySet[Any], path: str, build: Callable[[str], Q]) -> Q:
    """Return the condition that the row at the end of `path` meets what `build` says of its fields.

    `rows` are all that can be there. Those that do are found first: PostgreSQL would compare the
    texts again for each row of the list. Only if they are very many it does.
    """
    keys = rows.order_by().filter(build("")).values_list("pk", flat=True)
    found = list(keys[: MOST_KEYS + 1])
    return build(f"{path}__") if len(found) > MOST_KEYS else Q(**{f"{path}__in": found})


def split_words(text: str) -> Iterator[str]:
    for word in smart_split(text):
        is_quoted = len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]
        yield unescape_string_literal(word) if is_quoted else word


def list_conditions(model: type[Model], fields: Sequence[str], word: str) -> list[Q]:
    """Return for each table the condition that one of its fields has the word."""
    by_path: dict[str, list[str]] = {}
    for field in fields:
        path, _, name = field.rpartition("__")
        by_path.setdefault(path, []).append(name)
    conditions = []
    for path, names in by_path.items():
        build = partial(have_part, names, word)
        conditions.append(
            build_related_q(get_related(model, path), path, build) if path else build("")
        )
    return conditions


def have_part(names: Sequence[str], word: str, prefix: str) -> Q:
    return reduce(or_, (has_part(f"{prefix}{name}", word) for name in names))


def get_related(model: type[Model], path: str) -> QuerySet[Any]:
    """Return all rows of the table that a path of foreign keys leads to."""
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
    return QuerySet(model)
