"""The results as text: one line each, and the tables of docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from .run import Result

PAGE = settings.BASE_DIR / "docs" / "performance.md"
START = "<!-- make bench writes everything below -->\n"


def describe(result: Result) -> str:
    low, high = result.spread
    return (
        f"{result.work.title:44} {result.images:>8,} {result.median():7.1f} ms "
        f"({low:.1f}-{high:.1f}), web {result.median('web'):.1f}, "
        f"p50 {result.median('clock'):.1f}, {result.median('size') / 1000:.0f} KB"
    )


def write(results: list[Result], sizes: list[int]) -> None:
    """Replace the tables in docs/performance.md."""
    text = PAGE.read_text()
    lines = [*describe_run(sizes), "", *build_targets(results), "", *build_growth(results, sizes)]
    PAGE.write_text(text.partition(START)[0] + START + "\n" + "\n".join(lines) + "\n")


def describe_run(sizes: list[int]) -> Iterator[str]:
    yield (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{os.cpu_count()} cores, with a load of {os.getloadavg()[1]:.1f}."
    )


def build_targets(results: list[Result]) -> Iterator[str]:
    yield "## Targets"
    yield ""
    yield "| work | CPU ms | spread | of it database | p50 ms | KB | KB sent | target | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    smallest = min(result.images for result in results)
    for result in results:
        target = result.work.target
        if result.images != smallest or not (target or "floor" in result.work.name):
            continue
        low, high = result.spread
        verdict = "" if not target else "met" if result.median() <= target else "**missed**"
        cells = (
            result.work.name,
            f"{result.median():.1f}",
            f"{low:.1f}–{high:.1f}",
            f"{result.median('database'):.1f}",
            f"{result.median('clock'):.1f}",
            f"{result.median('size') / 1000:.0f}" if result.median("size") else "",
            f"{result.median('sent') / 1000:.0f}" if result.median("sent") else "",
            target or "",
            verdict,
        )
        yield f"| {' | '.join(map(str, cells))} |"


def build_growth(results: list[Result], sizes: list[int]) -> Iterator[str]:
    """Compare the sizes: CPU milliseconds, and how many times those of the smallest."""
    yield "## Growth"
    yield ""
    yield f"| work | account | {' | '.join(f'{size:,} images' for size in sizes)} |"
    yield f"|---|---|{'---|' * len(sizes)}"
    for _, group in groupby(results, key=lambda result: result.work.title):
        same = list(group)
        first = same[0].median()
        cells = [f"{first:.1f}"]
        cells += [f"{each.median():.1f} ({each.median() / first:.2f} ×)" for each in same[1:]]
        yield f"| {same[0].work.name} | {same[0].work.kind} | {' | '.join(cells)} |"
