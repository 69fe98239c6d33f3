from __future__ import annotations

import pytest

from ..factories import (
    RegionFactory,
)
from .verbs import NOON


@pytest.fixture
def clock(settings, time_machine):
    """Return a clock that moves only when it is shifted, with durations greater than zero."""
    settings.INSTANCE_START_SECONDS = 50
    settings.INSTANCE_STOP_SECONDS = 30
    settings.IMAGE_CREATE_SECONDS = 150
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def regions(db):
    RegionFactory.create(code="bj", name_en="Beijing")
    RegionFactory.create(code="gz", name_en="Guangzhou")
    RegionFactory.create(code="su", name_en="Suzhou")
