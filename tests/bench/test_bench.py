"""`make bench` runs, and says of each work what it cost. Nothing here is about how much that is."""

from __future__ import annotations

import pytest

from . import report
from .bench import Bench
from .load import measure_load
from .run import Result, add_sample, run
from .works import Work, list_loads

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("bench"),
    # The SDK leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def bench():
    with Bench(100) as bench:
        yield bench


@pytest.fixture(scope="module")
def results(bench):
    return run([bench], rounds=1, times=1)


def test_every_work_is_done(results):
    assert len(results) > 100
    assert {result.work.title: result.failure for result in results if result.failure} == {}
    assert all(result.median() > 0 for result in results)


def test_the_floors_are_those_of_the_web_server_and_of_the_database(results):
    by_name = {result.work.name: result for result in results}

    page = by_name["floor: empty page"]
    assert page.median("database") < page.median("web")
    for floor in ("floor: SQL of a share", "floor: SQL of a list of 20"):
        assert by_name[floor].median("database") > by_name[floor].median("web")


def test_the_report_has_targets_and_growth(results):
    targets = list(report.build_targets(results))
    sizes = list(report.build_size_targets(results))
    slowest = list(report.build_operator_targets(results))
    growth = list(report.build_growth(results, [100]))

    assert any(line.startswith("| Image List |") for line in targets)
    assert sizes[-1].startswith("| Image List |")
    assert len(slowest) == 10
    assert all(line.startswith("| admin: ") for line in slowest[4:])
    assert any(line.startswith("| admin: trail | operator |") for line in growth)
    assert {line.count("|") for line in targets if line.startswith("| ")} == {10}
    assert {line.count("|") for line in growth if line.startswith("| ")} == {6}


def test_an_index_that_is_used_is_not_called_unused(bench, results):
    assert "image_region_owner" not in bench.find_unused()


def test_several_clients_get_something_done(bench):
    loads = [measure_load(bench, work, seconds=0.5) for work in list_loads(bench)]

    assert [load.name for load in loads if load.failed or not load.throughput] == []
    assert all(0 < load.p50 <= load.p99 for load in loads)
    lines = list(report.build_loads(loads))
    assert lines[-1].startswith("| API: share, unshare | 100 | ")


def test_a_work_that_fails_is_reported_and_ends_nothing(bench):
    browser = bench.browsers["quiet"]
    works = [Work("Gone", "quiet", lambda _: browser.get("/bj/no-such-page/"))]
    (result,) = results = [Result(work, 100) for work in works]

    for is_warming_up in (True, False):
        add_sample(bench, result, 1, is_warming_up=is_warming_up)

    assert "404" in report.describe(result)
    assert list(report.build_growth(results, [100]))[-1].startswith("| Gone | quiet | **failed**: ")
