from __future__ import annotations

import pytest

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
)
from .programs import Program
from .sdks import IMAGE, INSTANCE, KEY_ID, TIME


@pytest.fixture
def program_for():
    """Return a function that returns a program of a person in an account."""

    def program_for(account, **options):
        return Program(AccessKeyFactory.create(user__account=account), **options)

    return program_for


@pytest.fixture
def program(account, program_for):
    RegionFactory.create()
    return program_for(account)


@pytest.fixture
def image(account):
    return ImageFactory.create(owner=account, min_disk_gb=40)


@pytest.fixture
def regions():
    for code in ("gz", "su"):
        RegionFactory.create(code=code)


@pytest.fixture
def world(account, time_machine):
    """Create an image, a running instance and a recipient, at the time of the requests."""
    time_machine.move_to(TIME, tick=False)
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    AccessKeyFactory.create(key_id=KEY_ID, user__account=account)
    AccountFactory.create(
        name="ceshizhanghao",
        account_id="ab1d7802cb9b436bafaf3361fe482ca6",
        uc_account="uc-ceshi",
    )
    ImageFactory.create(owner=account, image_id=IMAGE, name="golden")
    InstanceFactory.create(owner=account, instance_id=INSTANCE, name="web")
