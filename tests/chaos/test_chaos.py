"""The faults of `make chaos` that take little time: nothing acknowledged is lost, nobody hangs."""

from __future__ import annotations

import pytest

from .bench import Bench
from .load import Load, run_fault
from .stalled import Stall

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("chaos"),
    # The SDK leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def bench():
    with Bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def load(bench):
    yield Load(bench.server, 4)
    bench.server.manage("check_invariants")  # which fails if a rule is broken


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Bench.backend_killed, 3),
        (Bench.server_killed, 1),
        (Bench.connections_cut, 2),
        (Bench.commits_lost, 2),
        (Bench.answers_lost, 2),
        (Bench.network_frozen, 4),
    ],
)
def test_nothing_is_lost(bench, load, fault, seconds):
    outcome = run_fault(bench, load, fault, seconds)

    assert outcome.acknowledged
    assert outcome.lost == []
    assert outcome.present == []
    assert outcome.longest <= 5
    assert outcome.back_after <= 2


def test_a_commit_whose_answer_is_lost_is_acknowledged(bench, load):
    outcome = run_fault(bench, load, Bench.answers_lost, 1)

    assert bench.proxy.lost > 0
    assert outcome.acknowledged == len(outcome.calls)


def test_sixty_clients_get_an_answer_within_five_seconds(bench):
    stall = Stall(bench.server.port, 60)
    stall.run(bench.proxy.freeze, bench.proxy.thaw, 5)

    assert len(stall.failures) > 60
    assert {each.retry_after for each in stall.failures} == {"2"}
    assert stall.longest() <= 5
    assert stall.longest(ready=True) <= 1
    assert stall.back_after() <= 2
