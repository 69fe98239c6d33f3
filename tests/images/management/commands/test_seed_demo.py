"""The demo data."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import Account, AuditEvent
from images.models import Image, Instance, Region, ShareGrant

from ....factories import AccountFactory

pytestmark = pytest.mark.django_db

# The default durations, so that something is unfinished
DURATIONS = {
    "INSTANCE_START_SECONDS": 5,
    "INSTANCE_STOP_SECONDS": 3,
    "IMAGE_CREATE_SECONDS": 15,
    "IMAGE_COPY_SECONDS": 30,
}


def seed():
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    """Seed the demo data once for all tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(**DURATIONS):
        # The regions of the migration. Tests with real transactions empty every table.
        for code in ("bj", "bd", "gz", "su", "hkg", "sin"):
            Region.objects.get_or_create(code=code, defaults={"name_en": code, "name_zh": code})
        seed()
        yield
        transaction.set_rollback(True)


def test_an_empty_database_is_filled(seeded):
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


def test_there_is_an_instance_in_every_status(seeded):
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


def test_unfinished_images_and_instances_stay_unfinished_for_minutes(seeded, time_machine):
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=9))

    assert {image.status for image in Image.objects.settling()} == {"Creating", "Copying"}
    assert {instance.status for instance in Instance.objects.all() if instance.is_settling} == {
        "Starting",
        "Stopping",
        "ImageProcessing",
    }


def test_there_is_an_instance_whose_image_was_deleted(seeded):
    payments = Account.objects.get(name="payments")
    instances = Instance.objects.owned_by(payments).with_image_still_there(payments)
    assert [instance.name for instance in instances.filter(image_is_there=False)] == [
        "till-prototype"
    ]


def test_a_database_with_accounts_is_not_changed():
    AccountFactory.create()
    accounts = Account.objects.count()

    assert seed() == "The database already has accounts. Nothing was added.\n"
    assert Account.objects.count() == accounts
