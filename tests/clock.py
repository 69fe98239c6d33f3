"""Run the tests at a random date within the next three years, so that none depends on today.

`--date 2028-02-29` or `--date 2028-02-29T23:59:30Z` sets the date. The clock runs from there.
Tests marked `processes` run at the real time, as the servers they call do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

LONGEST_SHIFT = timedelta(days=3 * 365)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--date",
        type=_parse_date,
        metavar="ISO",
        help="date or time (UTC) of the run (default: random, within three years)",
    )


def _parse_date(text: str) -> str:
    """Return the full time as text, because xdist sends only plain values to its workers."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def pytest_configure(config: pytest.Config) -> None:
    now = datetime.now(UTC)
    if config.option.date is None:  # the workers of xdist get the controller's date
        shift = timedelta(seconds=secrets.randbelow(int(LONGEST_SHIFT.total_seconds())))
        config.option.date = (now + shift).isoformat(timespec="seconds")
    config.pluginmanager.register(Clock(datetime.fromisoformat(config.option.date) - now))


def pytest_report_header(config: pytest.Config) -> str:
    return f"Using --date={config.option.date}"


class Clock:
    """A plugin that keeps the clock of this process at a fixed distance from the real time."""

    def __init__(self, distance: timedelta) -> None:
        self.distance = distance
        self._set()

    def _set(self) -> None:
        self._travel = time_machine.travel(datetime.now(UTC) + self.distance)
        self._travel.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run tests that call other processes at the real time."""
        if not item.get_closest_marker("processes"):
            return (yield)
        self._travel.stop()
        try:
            return (yield)
        finally:
            self._set()

    def pytest_unconfigure(self) -> None:
        self._travel.stop()
