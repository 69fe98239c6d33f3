"""All works on consoles of several sizes, interleaved: `make bench`."""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import requests
from baidubce.exception import BceError

from . import report
from .bench import Bench
from .load import measure_load
from .works import Work, list_loads, list_works

ROUNDS = 5
FAILURES = (AssertionError, requests.RequestException, BceError, psycopg.Error)


@dataclass
class Sample:
    """The means of some repetitions, in milliseconds, and the bytes of the last response."""

    web: float
    database: float
    clock: float
    size: int
    sent: int

    @property
    def cpu(self) -> float:
        return self.web + self.database


@dataclass
class Result:
    """The samples of a work on a console of a size. A work that failed once has no more."""

    work: Work
    images: int
    samples: list[Sample] = field(default_factory=list)
    failure: str = ""

    def median(self, name: str = "cpu") -> float:
        values: list[float] = [getattr(sample, name) for sample in self.samples]
        return statistics.median(values)

    @property
    def spread(self) -> tuple[float, float]:
        values = [sample.cpu for sample in self.samples]
        return min(values), max(values)


def measure(bench: Bench, work: Work, times: int) -> Sample:
    work.prepare()
    web, database = bench.get_cpu()
    started_at = time.monotonic()
    responses = [work.do(number) for number in range(times)]
    seconds = time.monotonic() - started_at
    web_after, database_after = bench.get_cpu()
    per = 1000 / times / work.each
    last, size, sent = responses[-1], 0, 0
    if isinstance(last, requests.Response):
        size = len(last.content)
        sent = int(last.headers.get("Content-Length", size))
    return Sample(
        (web_after - web) * per, (database_after - database) * per, seconds * per, size, sent
    )


def run(
    benches: list[Bench], *, rounds: int = ROUNDS, times: int | None = None, only: str = ""
) -> list[Result]:
    """Do every work whose title contains `only` on these consoles in turn, again and again."""
    every = [[work for work in list_works(bench) if only in work.title] for bench in benches]
    results = [
        [Result(work, bench.size) for bench, work in zip(benches, same, strict=True)]
        for same in zip(*every, strict=True)
    ]
    for number in range(rounds + 1):
        for same in results:
            for bench, result in zip(benches, same, strict=True):
                add_sample(bench, result, times, is_warming_up=number == 0)
    return [result for same in results for result in same]


def add_sample(bench: Bench, result: Result, times: int | None, *, is_warming_up: bool) -> None:
    if result.failure:
        return
    try:
        sample = measure(bench, result.work, min(times or result.work.times, result.work.times))
    except FAILURES as error:
        result.failure = str(error).splitlines()[0][:80] or type(error).__name__
    else:
        result.samples += [] if is_warming_up else [sample]


def main(sizes: list[int], only: str = "") -> int:
    """Print the results. Those of all works are written to docs/performance.md."""
    with ExitStack() as stack:
        benches = [stack.enter_context(Bench(size)) for size in sizes]
        results = run(benches, only=only)
        loads = [
            measure_load(bench, work)
            for bench in benches
            for work in list_loads(bench)
            if only in f"load: {work.name}"
        ]
        unused = benches[-1].find_unused()
    lines = [*map(report.describe, results), *map(report.describe_load, loads)]
    sys.stdout.write("\n".join(lines) + "\n")
    if not only:
        report.write(results, loads, sizes)
        sys.stdout.write(f"indexes that nothing used: {', '.join(unused)}\n")
    return 0
