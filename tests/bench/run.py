"""All works on consoles of several sizes, interleaved: `make bench`."""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass

import requests

from . import report
from .bench import Bench
from .works import Work, list_works

ROUNDS = 5


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
    """The samples of a work on a console of a size."""

    work: Work
    images: int
    samples: list[Sample]

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
    per = 1000 / times
    last, size, sent = responses[-1], 0, 0
    if isinstance(last, requests.Response):
        size = len(last.content)
        sent = int(last.headers.get("Content-Length", size))
    return Sample(
        (web_after - web) * per, (database_after - database) * per, seconds * per, size, sent
    )


def run(
    sizes: list[int], *, rounds: int = ROUNDS, times: int | None = None, only: str = ""
) -> list[Result]:
    """Do every work whose title contains `only`, on consoles of these sizes in turn."""
    samples: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    with ExitStack() as stack:
        benches = [stack.enter_context(Bench(size)) for size in sizes]
        works = [[work for work in list_works(bench) if only in work.title] for bench in benches]
        for number in range(rounds + 1):
            for index, same in enumerate(zip(*works, strict=True)):
                for bench, work in zip(benches, same, strict=True):
                    sample = measure(bench, work, times or work.times)
                    if number:  # the first round warms up
                        samples[index, bench.size].append(sample)
    return [
        Result(work, size, samples[index, size])
        for index, work in enumerate(works[0])
        for size in sizes
    ]


def main(sizes: list[int], only: str = "") -> int:
    """Print the results. Those of all works are written to docs/performance.md."""
    results = run(sizes, only=only)
    sys.stdout.write("\n".join(report.describe(result) for result in results) + "\n")
    if not only:
        report.write(results, sizes)
    return 0
