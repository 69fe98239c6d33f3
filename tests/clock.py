"""The date of the run: a random one of the coming three years, so that no test depends on today.

`--date 2028-02-29` or `--date 2028-02-29T23:59:30Z` chooses it. The clock goes on from there. Tests
that are marked `processes` keep the real time, which is the time of the servers they talk to.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

AHEAD = timedelta(days=3 * 365)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--date",
        type=_instant,
        metavar="ISO",
        help="Run at this date or instant (UTC) instead of a random one of the coming three years.",
    )


def _instant(text: str) -> str:
    """Return the instant in full, as text: xdist hands the options to its workers as JSON does."""
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()


def pytest_configure(config: pytest.Config) -> None:
    now = datetime.now(UTC)
    if config.option.date is None:  # the workers of xdist find what their controller has chosen
        ahead = timedelta(seconds=secrets.randbelow(int(AHEAD.total_seconds())))
        config.option.date = (now + ahead).isoformat(timespec="seconds")
    config.pluginmanager.register(Clock(datetime.fromisoformat(config.option.date) - now))


def pytest_report_header(config: pytest.Config) -> str:
    return f"Using --date={config.option.date}"


class Clock:
    """Keep the clock of this process so far from the real one."""

    def __init__(self, distance: timedelta) -> None:
        self.distance = distance
        self._set()

    def _set(self) -> None:
        self._travel = time_machine.travel(datetime.now(UTC) + self.distance)
        self._travel.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run tests that talk to other processes at the real time."""
        if not item.get_closest_marker("processes"):
            return (yield)
        self._travel.stop()
        try:
            return (yield)
        finally:
            self._set()

    def pytest_unconfigure(self) -> None:
        self._travel.stop()
