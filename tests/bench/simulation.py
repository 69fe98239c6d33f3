"""What a machine carries, and what is full first at 10, 100 and 1,000 regions: `make simulation`.

The share path is simulated. A share needs CPU of a web server, a connection, CPU of the database,
and the row of its recipient, which counts what that account has received in all regions: it is
locked until the commit. Clients share without a pause, each its own images, so no image's row is
waited for. docs/scale.md has the tables.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import simpy
from django.conf import settings

from . import report
from .works import TARGETS

Steps = Generator[simpy.Event, Any, None]

MEASURED = report.PAGE  # by `make bench`
PAGE = settings.BASE_DIR / "docs" / "scale.md"

# Assumed: seconds between two machines, and for the log to reach the disk and a standby; statements
# while the recipient's row is locked, and the part of the database's CPU that is used then
TRIP, FLUSH = 0.0002, 0.0010
STATEMENTS, LOCKED = 3, 0.6

SHARE = "API: share"
CORES = 16  # of a machine
ACCOUNTS = 10_000
POPULAR = 0  # the account that many share with
CLIENTS = 500
WARM_UP, SHARES = 8_000, 6_000


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU for a request."""

    web: float
    database: float

    @property
    def before(self) -> float:
        return self.database * (1 - LOCKED)

    @property
    def locked(self) -> float:
        return self.database * LOCKED


def read_costs() -> dict[str, Costs]:
    """Return the measured costs of each work that has a target."""
    costs = {}
    targets = MEASURED.read_text().partition("## Targets")[2].partition("\n## ")[0]
    for line in targets.splitlines():
        name, *cells = (cell.strip() for cell in line.strip("| ").split("|"))
        if name in TARGETS:
            total, database = float(cells[0]) / 1000, float(cells[2]) / 1000
            costs[name] = Costs(total - database, database)
    if SHARE not in costs:
        raise SystemExit(f"Run make bench first: {MEASURED} has no share.")
    return costs


@dataclass(frozen=True)
class Layout:
    """The machines, and how recipients are chosen."""

    regions: int
    regions_of_node: int = 0  # 0: one primary for all
    cores: int = CORES  # of the primary or of each node, and of the coordinator of several
    web_cores: int = 256
    connections: int = 400  # of each node
    clients: int = 10  # of each region, up to CLIENTS together
    popular: float = 0.0  # the part of all shares that one account receives

    @property
    def nodes(self) -> int:
        return max(self.regions // self.regions_of_node, 1) if self.regions_of_node else 1

    @property
    def is_spread(self) -> bool:
        return self.nodes > 1


LAYOUTS = {
    "one primary, 8 cores of web servers": Layout(10, web_cores=8),
    "one primary": Layout(10),
    "one primary, one share in ten with the same account": Layout(10, popular=0.1),
    "one primary, all with the same account": Layout(10, popular=1.0),
    "a node for ten regions": Layout(10, web_cores=2048, regions_of_node=10),
    "a node for ten regions, one share in ten with the same account": Layout(
        10, web_cores=2048, regions_of_node=10, popular=0.1
    ),
}


@dataclass(frozen=True)
class Outcome:
    rate: float  # shares a second
    seconds: float  # of a share, the mean
    loads: dict[str, float]  # the busy part of each resource

    @property
    def limit(self) -> str:
        return max(self.loads, key=lambda name: self.loads[name])


class Simulation:
    def __init__(self, layout: Layout, costs: Costs) -> None:
        self.layout, self.costs, self.env = layout, costs, simpy.Environment()
        self.random = random.Random(1)  # noqa: S311 - the same for each run
        self.web = simpy.Resource(self.env, layout.web_cores)
        self.nodes = [simpy.Resource(self.env, layout.cores) for _ in range(layout.nodes)]
        self.connections = [simpy.Resource(self.env, layout.connections) for _ in self.nodes]
        self.coordinator = simpy.Resource(self.env, layout.cores)
        self.rows = defaultdict[int, simpy.Resource](lambda: simpy.Resource(self.env, 1))
        self.busy = defaultdict[simpy.Resource, float](float)
        self.finished = self.env.event()
        self.done, self.since, self.waited = 0, 0.0, 0.0

    def run(self) -> Outcome:
        for client in range(min(self.layout.clients * self.layout.regions, CLIENTS)):
            self.env.process(self.share_on_and_on(client % self.layout.nodes))
        self.env.run(until=self.finished)
        loads = {
            "web servers": self.get_load([self.web]),
            "CPU of the database": self.get_load(self.nodes),
            "connections": self.get_load(self.connections),
            "the coordinator's CPU": self.get_load([self.coordinator]),
            "the account's row": self.get_load([self.rows[POPULAR]]),
        }
        return Outcome(SHARES / (self.env.now - self.since), self.waited / SHARES, loads)

    def get_load(self, alike: list[simpy.Resource]) -> float:
        number: int = sum(each.capacity for each in alike)
        return sum(self.busy[each] for each in alike) / number / float(self.env.now - self.since)

    def share_on_and_on(self, node: int) -> Steps:
        while True:
            began_at = self.env.now
            yield from self.work(self.web, self.costs.web)
            with self.connections[node].request() as connection:
                yield connection
                taken_at = self.env.now
                yield from self.work(self.nodes[node], self.costs.before)
                yield from self.write(node, self.choose_recipient())
                self.use(self.connections[node], taken_at)
            self.count(self.env.now - began_at)

    def write(self, node: int, recipient: int) -> Steps:
        """Lock the row, count, write and commit. A coordinator has the row of several nodes."""
        row = self.rows[recipient]
        with row.request() as lock:
            yield lock
            locked_at = self.env.now
            yield self.env.timeout(TRIP * STATEMENTS)
            if self.layout.is_spread:
                yield from self.work(self.coordinator, self.costs.locked / 3)
                yield from self.work(self.nodes[node], self.costs.locked * 2 / 3)
                yield self.env.timeout(2 * (TRIP + FLUSH))  # prepare on both, then commit
            else:
                yield from self.work(self.nodes[node], self.costs.locked)
                yield self.env.timeout(FLUSH)
            self.use(row, locked_at)

    def work(self, resource: simpy.Resource, mean: float) -> Steps:
        with resource.request() as turn:
            yield turn
            begun_at = self.env.now
            yield self.env.timeout(self.random.expovariate(1 / mean))
            self.use(resource, begun_at)

    def use(self, resource: simpy.Resource, since: float) -> None:
        self.busy[resource] += self.env.now - max(since, self.since)

    def choose_recipient(self) -> int:
        is_popular = self.random.random() < self.layout.popular
        return POPULAR if is_popular else self.random.randrange(1, ACCOUNTS)

    def count(self, seconds: float) -> None:
        self.done += 1
        self.waited += seconds
        if self.done == WARM_UP:
            self.busy.clear()
            self.since, self.waited = self.env.now, 0.0
        elif self.done == WARM_UP + SHARES:
            self.finished.succeed()


def simulate(layout: Layout, costs: Costs) -> Outcome:
    return Simulation(layout, costs).run()


def build_capacity(costs: dict[str, Costs]) -> Iterator[str]:
    """Return for how many requests the cores of a web server and of the database are enough."""
    yield f"| work | CPU ms of the web | of the database | a second by {CORES} cores | by {CORES} |"
    yield "|---|---|---|---|---|"
    for name, cost in costs.items():
        cpu = f"{cost.web * 1000:.1f} | {cost.database * 1000:.1f}"
        yield f"| {name} | {cpu} | {CORES / cost.web:,.0f} | {CORES / cost.database:,.0f} |"


def build_limits(costs: Costs) -> Iterator[str]:
    yield "| layout | regions | shares/s | ms each | full |"
    yield "|---|---|---|---|---|"
    for name, layout in LAYOUTS.items():
        for regions in (10, 100, 1_000):
            outcome = simulate(replace(layout, regions=regions), costs)
            limit = f"{outcome.limit}, {outcome.loads[outcome.limit]:.0%}"
            numbers = f"{regions:,} | {outcome.rate:,.0f} | {outcome.seconds * 1000:.0f}"
            yield f"| {name} | {numbers} | {limit} |"


def main() -> int:
    """Print the tables, and write them to docs/scale.md."""
    costs = read_costs()
    tables = {"capacity": build_capacity(costs), "limits": build_limits(costs[SHARE])}
    text = PAGE.read_text()
    for name, lines in tables.items():
        table = "".join(f"{line}\n" for line in lines)
        sys.stdout.write(f"{table}\n")
        begin, end = f"<!-- make simulation: {name} -->\n", f"<!-- end: {name} -->\n"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    PAGE.write_text(text)
    return 0
