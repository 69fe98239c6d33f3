"""The date of the run: a random one within the coming three years, so no test depends on today.

`--date 2028-02-29` or `--date 2028-02-29T23:59:30Z` chooses it, and the clock runs on from there.
Tests marked `processes` run at the real time, because the servers they call do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

AHEAD = timedelta(days=3 * 365)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--date",
        type=_instant,
        metavar="ISO",
        help="Run at this date or instant (UTC), not at a random one within three years.",
    )


def _instant(text: str) -> str:
    """Return the full instant as text: xdist can send only plain values to its workers."""
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()


def pytest_configure(config: pytest.Config) -> None:
    now = datetime.now(UTC)
    if config.option.date is None:  # the workers of xdist get the controller's choice
        ahead = timedelta(seconds=secrets.randbelow(int(AHEAD.total_seconds())))
        config.option.date = (now + ahead).isoformat(timespec="seconds")
    config.pluginmanager.register(Clock(datetime.fromisoformat(config.option.date) - now))


def pytest_report_header(config: pytest.Config) -> str:
    return f"Using --date={config.option.date}"


class Clock:
    """Keep the clock of this process at a fixed distance from the real one."""

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
