"""The clock of the suite: at the date of the run, and real where other processes take part."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest


def test_the_clock_goes_on_from_the_date_of_the_run(request):
    began = datetime.fromisoformat(request.config.option.date)

    assert timedelta() <= datetime.now(UTC) - began < timedelta(hours=2)


@pytest.mark.processes
def test_the_clock_is_that_of_other_processes():
    theirs = float(subprocess.check_output(["date", "+%s.%N"]))  # noqa: S607

    assert abs(time.time() - theirs) < 10
