"""Several clients at once: how much they get done, and how long each waits at a fixed rate."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench

CLIENTS = 4
WAITING = 16  # clients of the open loop: more than ever wait
SECONDS = 8
RATE = 0.5  # of the throughput


@dataclass
class Work:
    """Something that several clients do at once."""

    name: str
    make_client: Callable[[int], Callable[[], object]]  # gets the number of the client
    prepare: Callable[[], object] = lambda: None


@dataclass
class Load:
    """What the clients of a work got done each second, and how many milliseconds they waited."""

    name: str
    images: int
    throughput: float
    p50: float
    p99: float
    failed: int


def measure_load(bench: Bench, work: Work, seconds: float = SECONDS) -> Load:
    """Measure in a closed loop first, and then at a part of what that carried."""
    work.prepare()
    closed = Loop(work, CLIENTS, lambda _: time.monotonic(), seconds)
    throughput = len(closed.waits) / seconds
    interval = 1 / max(throughput * RATE, 1)
    work.prepare()
    start = time.monotonic()
    opened = Loop(work, WAITING, lambda number: start + number * interval, seconds)
    waits = sorted(opened.waits) or [0.0]
    p99 = waits[int(len(waits) * 0.99)]
    failed = closed.failed + opened.failed
    return Load(
        work.name, bench.size, throughput, statistics.median(waits) * 1000, p99 * 1000, failed
    )


class Loop:
    """Clients that do a work for some seconds.

    `due` says when a repetition is to start. A wait is from then, even if its client is late.
    """

    def __init__(self, work: Work, clients: int, due: Callable[[int], float], seconds: float):
        self.work, self.due = work, due
        self.until = time.monotonic() + seconds
        self.waits: list[float] = []
        self.failed = 0
        self.numbers = count()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(self.repeat, range(clients)))

    def repeat(self, client: int) -> None:
        do = self.work.make_client(client)
        while (due := self.due(next(self.numbers))) < self.until:
            time.sleep(max(0, due - time.monotonic()))
            try:
                do()
            except Exception:  # noqa: BLE001 - it is counted
                self.failed += 1
            else:
                self.waits.append(time.monotonic() - due)
