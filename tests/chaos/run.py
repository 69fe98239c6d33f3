"""Every fault, one after the other, with tables of what it did: `make chaos`."""

from __future__ import annotations

import sys

from . import failover, load, stalled
from .bench import FAULTS, Bench

OWNERS = 8
SECONDS = 8


def main(names: list[str]) -> int:
    """Run these faults, or all of them and the stalls. Return 1 if a promise is broken."""
    broken = 0
    with Bench() as bench:
        owners = load.Load(bench.server, OWNERS)
        say(load.LINE.format(*load.HEAD))
        for fault in [each for each in FAULTS if not names or each.__name__ in names]:
            if fault is Bench.disk_full and not bench.is_small:
                say("disk full            skipped: no small disk can be mounted here")
                continue
            outcome = load.run_fault(bench, owners, fault, SECONDS)
            broken += not outcome.is_fine
            say(load.describe(outcome))
        if not names or failover.NAME in names:
            outcome = failover.measure()
            broken += not outcome.is_fine
            say(load.describe(outcome))
        say("", bench.server.manage("check_invariants"))  # which fails if a rule is broken
        if names:
            return min(broken, 1)
        say("", stalled.LINE.format(*stalled.HEAD))
        for clients in (60, 200):
            for name, begin, end in (
                ("network frozen", bench.proxy.freeze, bench.proxy.thaw),
                ("server stopped", bench.suspend_database, bench.resume_database),
                ("tables locked", bench.lock_tables, bench.unlock_tables),
            ):
                stall = stalled.Stall(bench.server.port, clients)
                stall.run(begin, end, SECONDS)
                broken += not stall.is_fine()
                say(stalled.describe(name, stall))
    return min(broken, 1)


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
