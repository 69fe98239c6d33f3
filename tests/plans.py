"""What PostgreSQL really does for a query, at the sizes that a test can have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# SQL, and the values in it
Statement = tuple[str, Any]
REMOVED = (
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
)


@contextmanager
def collect_selects() -> Iterator[list[Statement]]:
    """Collect the SELECTs that run, each with its values, also of those that are sent together."""
    selects: list[Statement] = []

    def collect(execute: Any, sql: str, values: Any, *rest: Any) -> Any:
        left = list(values or ())
        for part in sql.split("; "):
            own = [left.pop(0) for _ in range(part.count("%s"))] if values else None
            if part.startswith("SELECT"):
                selects.append((part, own))
        return execute(sql, values, *rest)

    with connection.execute_wrapper(collect):
        yield selects


def explain(query: QuerySet[Any] | Statement) -> list[dict[str, Any]]:
    """Run the query and return all nodes of its plan."""
    sql, values = query if isinstance(query, tuple) else query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        (answer,) = cursor.fetchone()
    (plan,) = json.loads(answer) if isinstance(answer, str) else answer
    return list(walk(plan["Plan"]))


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


def count_read(nodes: list[dict[str, Any]]) -> int:
    """Return how many rows the nodes read from tables and indexes, with those they removed."""
    return sum(
        count_removed([node]) + node["Actual Rows"] * node["Actual Loops"]
        for node in nodes
        if node["Node Type"].endswith("Scan")
    )


def count_removed(nodes: list[dict[str, Any]]) -> int:
    """Return how many rows the nodes read and removed."""
    return sum(node.get(name, 0) * node["Actual Loops"] for node in nodes for name in REMOVED)
