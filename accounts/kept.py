"""Statements whose SQL is built once, because building it takes longer than running it."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from django.db import connection, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

# Held by the thread that builds a query. cached_property has no lock since Python 3.12
building = threading.RLock()

M = TypeVar("M", bound=Model)
R = TypeVar("R")


class Parameter(Expression):
    """The place of a value in a kept query."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, *_: Any) -> Any:
        return "%s", [self]


class Statement(NamedTuple):
    """SQL with its values. `read` returns what the rows of the response are."""

    sql: str
    values: Sequence[Any]
    read: Callable[[list[Any]], list[Any]] = list


class Kept(Generic[R]):
    """A query that is called with the values of its parameters, and returns a list.

    `build` gets a Parameter for each of its arguments, or of `names`, and returns the queryset,
    which may not depend on anything else, such as the time. It can use all of Django but `__in` of
    a parameter: `__any` takes an array.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, R]], names: Iterable[str] = ()) -> None:
        functools.update_wrapper(self, build)
        self.build = build
        self.names = tuple(names) or tuple(inspect.signature(build).parameters)

    def __call__(self, **values: Any) -> list[R]:
        return self.run(self.bind(**values))

    def first(self, number: int, **values: Any) -> list[R]:
        """Return at most so many rows."""
        sql, bound, read = self.bind(**values)
        return self.run(Statement(f"{sql} LIMIT %s", [*bound, number], read))

    def run(self, statement: Statement) -> list[R]:
        own: Any = connections[self.queryset.db]  # for a list it may be a standby
        with own.preparing_cursor() as cursor:
            cursor.execute(statement.sql, statement.values)
            return self.read(cursor.fetchall())

    def bind(self, **values: Any) -> Statement:
        if "converters" not in self.__dict__:
            self.build_once()
        sql, places = self.sql
        bound = [values[p.name] if isinstance(p, Parameter) else p for p in places]
        return Statement(sql, bound, self.read)

    def build_once(self) -> None:
        """Fill the properties below: a compiler that two threads use at once gives wrong SQL."""
        with building:
            _built = self.sql, self.converters

    def read(self, rows: list[Any]) -> list[R]:
        """Return the models or tuples of these rows."""
        if self.converters:
            rows = [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return list(self.to_models(rows)) if self.queryset.query.default_cols else rows

    @functools.cached_property
    def converters(self) -> dict[int, Any]:
        """Return what turns the database's values into Python's, by position, where it must."""
        converters: dict[int, Any] = self.compiler.get_converters(
            [column for column, *_ in self.compiler.select]
        )
        return converters

    @functools.cached_property
    def queryset(self) -> QuerySet[Any, R]:
        return self.build(**{name: Parameter(name) for name in self.names})

    @functools.cached_property
    def compiler(self) -> Any:
        return self.queryset.query.get_compiler(using=connection.alias)

    @functools.cached_property
    def sql(self) -> tuple[str, tuple[Any, ...]]:
        sql, places = self.compiler.as_sql()
        return sql, tuple(places)

    @functools.cached_property
    def layout(self) -> tuple[int, int, list[str], list[Any]]:
        """Return where the model's own columns are in a row, their names, and what fills others."""
        select, info = self.compiler.select, self.compiler.klass_info
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column.target.attname for column, *_ in select[start:end]]
        get_populators = cast("Any", get_related_populators)  # Django 6.1 adds an argument
        return start, end, names, get_populators(info, select, connection.alias)

    def to_models(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield what Django's ModelIterable yields."""
        start, end, names, populators = self.layout
        model, alias = cast("Any", self.queryset.model), connection.alias
        for row in rows:
            instance = model.from_db(alias, names, row[start:end])
            for populator in populators:
                populator.populate(row, instance)
            for name, position in self.compiler.annotation_col_map.items():
                setattr(instance, name, row[position])
            yield instance


def run_together(*statements: Statement) -> list[list[Any]]:
    """Run the statements in one exchange with the server, one after the other.

    Each sees what was committed until it runs, also while the one before waited for a lock.
    """
    values = [value for statement in statements for value in statement.values]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statement.sql for statement in statements), values)
        results = []
        for statement in statements:
            results.append(statement.read(cursor.fetchall() if cursor.description else []))
            cursor.nextset()
    return results


class Insertion(Generic[M]):
    """The INSERT of rows of a model that have no primary key yet."""

    def __init__(self, model: type[M]) -> None:
        self.model = model

    def __call__(self, rows: Sequence[M]) -> list[M]:
        """Add the rows in one statement, and give them their primary keys. Return them."""
        own, statement = cast("Any", connection), self.bind(rows)
        with own.preparing_cursor() if len(rows) == 1 else own.cursor() as cursor:
            cursor.execute(statement.sql, statement.values)
            return statement.read(cursor.fetchall())

    def bind(self, rows: Sequence[M]) -> Statement:
        own = cast("Any", connection)
        values = [
            field.get_db_prep_save(getattr(row, field.attname), own)
            for row in rows
            for field in self.fields
        ]
        start, row_sql, end = self.sql
        sql = f"{start}{', '.join([row_sql] * len(rows))}{end}"
        return Statement(sql, values, functools.partial(self.read, rows))

    @staticmethod
    def read(rows: Sequence[M], keys: list[tuple[Any]]) -> list[M]:
        """Give the rows their primary keys. Return them."""
        for row, (pk,) in zip(rows, keys, strict=True):
            row.pk = pk
        return list(rows)

    @functools.cached_property
    def fields(self) -> list[Any]:
        return [field for field in self.model._meta.concrete_fields if not field.primary_key]

    @functools.cached_property
    def sql(self) -> tuple[str, str, str]:
        """Return the statement's start, each row's part, and its end."""
        places = [
            field.get_placeholder(None, None, connection)
            if hasattr(field, "get_placeholder")
            else "%s"
            for field in self.fields
        ]
        columns, row = ", ".join(field.column for field in self.fields), ", ".join(places)
        table, key = self.model._meta.db_table, self.model._meta.pk.column
        return f"INSERT INTO {table} ({columns}) VALUES ", f"({row})", f" RETURNING {key}"  # noqa: S608 - names of columns
