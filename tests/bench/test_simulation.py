"""The simulation of the share path obeys what must hold for any costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from . import simulation
from .simulation import FLUSH, STATEMENTS, TRIP, Costs, Layout, simulate

COSTS = Costs(web=0.004, database=0.002)
LAYOUT = Layout(regions=10)
# A rate with random times, within a few percent
ABOUT = 1.05


@pytest.fixture
def pages(tmp_path, monkeypatch):
    measured, page = tmp_path / "performance.md", tmp_path / "scale.md"
    monkeypatch.setattr(simulation, "MEASURED", measured)
    monkeypatch.setattr(simulation, "PAGE", page)
    monkeypatch.setattr(simulation, "WARM_UP", 100)  # the figures don't matter
    monkeypatch.setattr(simulation, "SHARES", 100)
    return measured, page


def test_the_costs_are_those_of_the_targets_in_the_page_as_it_is():
    targets = simulation.MEASURED.read_text().partition("## Targets")[2].partition("\n## ")[0]

    costs = simulation.read_costs()

    assert costs.keys() == simulation.TARGETS.keys()
    for name, each in costs.items():
        assert f"| {name} | {(each.web + each.database) * 1000:.1f} |" in targets


def test_an_account_receives_one_share_after_the_other():
    outcome = simulate(replace(LAYOUT, popular=1.0), COSTS)

    assert outcome.rate <= ABOUT / (STATEMENTS * TRIP + COSTS.locked + FLUSH)
    assert outcome.limit == "the account's row"


def test_regions_with_recipients_of_their_own_scale_until_the_primary_is_full():
    few, more, most = (
        simulate(replace(LAYOUT, regions=regions, clients=1), COSTS).rate
        for regions in (5, 20, 500)
    )

    assert 4 / ABOUT <= more / few <= 4 * ABOUT
    assert most <= ABOUT * LAYOUT.cores / COSTS.database


def test_web_servers_are_full_first_if_they_are_few():
    outcome = simulate(replace(LAYOUT, web_cores=8), COSTS)

    assert outcome.rate <= ABOUT * 8 / COSTS.web
    assert outcome.limit == "web servers"


def test_nodes_carry_more_than_a_primary_until_the_coordinator_is_full():
    layout = replace(LAYOUT, regions=1_000, web_cores=2048)
    one = simulate(layout, COSTS)
    spread = simulate(replace(layout, regions_of_node=10), COSTS)

    assert spread.rate > 2 * one.rate
    assert spread.rate <= ABOUT * LAYOUT.cores / (COSTS.locked / 3)


def test_the_tables_are_written_with_what_was_measured(pages):
    measured, page = pages
    measured.write_text(
        "## Targets\n| work | CPU ms | spread | of it database |\n"
        "| Image List | 12.0 | 11.0–13.0 | 4.0 | 9.0 |\n"
        "| API: share | 6.0 | 5.0–7.0 | 2.0 | 9.0 |\n"
    )
    page.write_text(
        "before\n<!-- make simulation: capacity -->\nold\n<!-- end: capacity -->\nbetween\n"
        "<!-- make simulation: limits -->\nold\n<!-- end: limits -->\nafter\n"
    )

    assert simulation.main() == 0

    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "| Image List | 8.0 | 4.0 | 2,000 | 4,000 |" in lines
    assert "| API: share | 4.0 | 2.0 | 4,000 | 8,000 |" in lines
    assert sum(line.startswith("| one primary |") for line in lines) == 3
    assert "between" in lines
    assert "old" not in lines


def test_without_measured_costs_it_says_what_to_do(pages):
    pages[0].write_text("# Nothing yet\n")

    with pytest.raises(SystemExit, match="Run make bench first"):
        simulation.main()


def test_a_run_can_be_repeated():
    assert simulate(LAYOUT, COSTS) == simulate(LAYOUT, COSTS)
