"""The demo data."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from accounts.models import Account, AuditEvent
from images.models import Image, Instance, Region, ShareGrant

from ....factories import AccountFactory


@pytest.fixture
def regions(db):
    """As the migration leaves them; tests with real transactions empty every table."""
    for code in ("bj", "bd", "gz", "su", "hkg", "sin"):
        Region.objects.get_or_create(code=code, defaults={"name_en": code, "name_zh": code})


@pytest.fixture(autouse=True)
def durations(settings):
    """As an installation has them, so that something is under way."""
    settings.INSTANCE_START_SECONDS = 5
    settings.INSTANCE_STOP_SECONDS = 3
    settings.IMAGE_CREATE_SECONDS = 15
    settings.IMAGE_COPY_SECONDS = 30


def seed():
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_an_empty_database_is_filled(regions):
    seed()

    assert Account.objects.count() > 50
    assert {image.status for image in Image.objects.exclude(owner=None)} == {
        "Creating",
        "Copying",
        "CreatedFailed",
        "Available",
        "NotAvailable",
        "Error",
    }
    assert Image.objects.public().values("region").distinct().count() == 6
    platform = Account.objects.get(name="platform")
    assert ShareGrant.objects.filter(owner=platform).exists()
    assert ShareGrant.objects.filter(recipient=platform).exists()
    fullest = Image.objects.with_recipient_count().order_by("-recipient_count").first()
    assert fullest.recipient_count == 46
    assert Account.objects.get(name="branch-anqing").received_grants.count() == 19
    assert AuditEvent.objects.filter(verb="image.shared").count() > 10


def test_there_is_an_instance_in_every_status(regions):
    seed()

    assert {instance.status for instance in Instance.objects.live()} == {
        "Starting",
        "Running",
        "Stopping",
        "Stopped",
        "ImageProcessing",
        "Expired",
    }
    platform = Account.objects.get(name="platform")
    assert len({instance.status for instance in Instance.objects.owned_by(platform)}) == 6


def test_what_is_under_way_can_be_looked_at_for_minutes(regions, time_machine):
    seed()
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=9))

    assert {image.status for image in Image.objects.settling()} == {"Creating", "Copying"}
    assert {instance.status for instance in Instance.objects.all() if instance.is_settling} == {
        "Starting",
        "Stopping",
        "ImageProcessing",
    }


def test_there_is_an_instance_whose_image_is_gone(regions):
    seed()

    payments = Account.objects.get(name="payments")
    instances = Instance.objects.owned_by(payments).with_image_still_there(payments)
    assert [instance.name for instance in instances.filter(image_is_there=False)] == [
        "till-prototype"
    ]


def test_a_database_with_accounts_is_left_alone(regions):
    AccountFactory.create()

    assert seed() == "There are accounts already; nothing was added.\n"
    assert Account.objects.count() == 1
