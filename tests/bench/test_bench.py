"""`make bench` runs, and says of each work what it cost. Nothing here is about how much that is."""

from __future__ import annotations

import pytest

from . import report
from .run import run

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("bench"),
    # The SDK leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def results():
    return run([100], rounds=1, times=1)


def test_every_work_is_done(results):
    assert len(results) > 100
    assert all(result.median("web") > 0 for result in results)
    without_database = [each.work.name for each in results if each.median("database") == 0]
    assert set(without_database) <= {"floor: empty page"}


def test_the_report_has_targets_and_growth(results):
    targets = list(report.build_targets(results))
    growth = list(report.build_growth(results, [100]))

    assert any(line.startswith("| Image List |") for line in targets)
    assert any(line.startswith("| admin: trail | operator |") for line in growth)
    assert all(line.count("|") == 4 for line in growth if line.startswith("| "))
