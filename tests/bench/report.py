"""The results as text: one line each, and the tables of docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings

from .works import OPERATOR_TARGET, SIZE_TARGETS

if TYPE_CHECKING:
    from .load import Load
    from .run import Result

PAGE = settings.BASE_DIR / "docs" / "performance.md"
# How many times its cost at the smallest size a work may cost, and milliseconds that don't matter
MOST_GROWTH, NOTICED = 1.2, 1
# Lists of the administration that are named
SLOWEST = 6
START = "<!-- make bench writes everything below -->\n"


def describe(result: Result) -> str:
    title = f"{result.work.title:44} {result.images:>8,}"
    if result.failure:
        return f"{title} failed: {result.failure}"
    low, high = result.spread
    return (
        f"{title} {result.median():7.1f} ms "
        f"({low:.1f}-{high:.1f}), web {result.median('web'):.1f}, "
        f"p50 {result.median('clock'):.1f}, {describe_bytes(result, ' of ') or 'no page'}"
    )


def describe_bytes(result: Result, between: str) -> str:
    """Return how many kilobytes are sent, and how many the page has."""
    sizes = [result.median(name) / 1000 for name in ("sent", "size")]
    return between.join(f"{size:.1f}" for size in sizes) if all(sizes) else ""


def describe_load(load: Load) -> str:
    return (
        f"load: {load.name:38} {load.images:>8,} {load.throughput:7.1f}/s, at half of it "
        f"p50 {load.p50:.1f}, p99 {load.p99:.1f}, failed {load.failed}"
    )


def write(results: list[Result], loads: list[Load], sizes: list[int]) -> None:
    """Replace the tables in docs/performance.md."""
    text = PAGE.read_text()
    tables = (
        build_targets(results),
        build_size_targets(results),
        build_operator_targets(results),
        build_loads(loads),
        build_growth(results, sizes),
    )
    lines = [*describe_run(sizes), *("\n".join(["", *table]) for table in tables)]
    PAGE.write_text(text.partition(START)[0] + START + "\n" + "\n".join(lines) + "\n")


def describe_run(sizes: list[int]) -> Iterator[str]:
    yield (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{os.cpu_count()} cores, with a load of {os.getloadavg()[1]:.1f}."
    )


def build_targets(results: list[Result]) -> Iterator[str]:
    yield "## Targets"
    yield ""
    yield "| work | CPU ms | spread | of it database | p50 ms | KB sent | KB | target | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    smallest = min(result.images for result in results)
    for result in results:
        is_floor = result.work.name.startswith(("floor", "moto"))
        if result.images == smallest and (result.work.target or is_floor):
            yield f"| {' | '.join([result.work.name, *build_cells(result)])} |"


def build_cells(result: Result) -> list[str]:
    target = result.work.target
    if result.failure:
        return ["failed", "", "", "", "", "", f"{target or ''}", "**missed**"]
    low, high = result.spread
    verdict = judge(result.median(), target) if target else ""
    return [
        f"{result.median():.1f}",
        f"{low:.1f}–{high:.1f}",
        f"{result.median('database'):.1f}",
        f"{result.median('clock'):.1f}",
        describe_bytes(result, " | ") or " | ",
        f"{target or ''}",
        verdict,
    ]


def build_size_targets(results: list[Result]) -> Iterator[str]:
    yield "## Bytes"
    yield ""
    yield "| page | KB sent | target | | KB | target | |"
    yield "|---|---|---|---|---|---|---|"
    smallest = min(result.images for result in results)
    for result in results:
        targets = SIZE_TARGETS.get(result.work.name)
        if targets and result.images == smallest and result.work.kind == "busy":
            sizes = [result.median(name) / 1000 for name in ("sent", "size")]
            cells = [
                f"{size:.1f} | {target} | {judge(size, target)}"
                for size, target in zip(sizes, targets, strict=True)
            ]
            yield f"| {result.work.name} | {' | '.join(cells)} |"


def build_operator_targets(results: list[Result]) -> Iterator[str]:
    """Return the slowest lists of the administration at the largest size."""
    largest = max(result.images for result in results)
    lists = [
        result
        for result in results
        if result.work.kind == "operator" and result.images == largest and not result.failure
    ]
    yield "## Administration"
    yield ""
    yield f"| the slowest at {largest:,} images | p50 ms | target | |"
    yield "|---|---|---|---|"
    for result in sorted(lists, key=lambda result: -result.median("clock"))[:SLOWEST]:
        clock = result.median("clock")
        verdict = judge(clock, OPERATOR_TARGET)
        yield f"| {result.work.name} | {clock:.0f} | {OPERATOR_TARGET} | {verdict} |"


def judge(value: float, target: float) -> str:
    return "met" if value <= target else "**missed**"


def build_loads(loads: list[Load]) -> Iterator[str]:
    yield "## Several clients"
    yield ""
    yield "| work | images | requests/s | p50 ms | p99 ms | failed |"
    yield "|---|---|---|---|---|---|"
    for load in loads:
        numbers = f"{load.throughput:.0f} | {load.p50:.1f} | {load.p99:.1f} | {load.failed}"
        yield f"| {load.name} | {load.images:,} | {numbers} |"


def build_growth(results: list[Result], sizes: list[int]) -> Iterator[str]:
    """Compare the sizes: CPU milliseconds, and how many times those of the smallest."""
    yield "## Growth"
    yield ""
    yield f"| work | account | {' | '.join(f'{size:,} images' for size in sizes)} | KB sent | KB |"
    yield f"|---|---|{'---|' * len(sizes)}---|---|"
    for _, group in groupby(results, key=lambda result: result.work.title):
        first, *others = group
        cells = [compare(each, first) for each in (first, *others)]
        sent = "" if first.failure else describe_bytes(first, " | ")
        yield (f"| {first.work.name} | {first.work.kind} | {' | '.join(cells)} | {sent or ' | '} |")


def compare(result: Result, first: Result) -> str:
    """Return the cell of a size. What grows is bold, unless that is less than anyone notices."""
    if result.failure:
        return f"**failed**: {result.failure}"
    text = f"{result.median():.1f}"
    if result is first or first.failure:
        return text
    ratio = result.median() / first.median()
    text = f"{text} ({ratio:.2f} ×)"
    grows = ratio > MOST_GROWTH and result.median() - first.median() > NOTICED
    return f"**{text}**" if grows else text
