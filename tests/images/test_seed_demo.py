from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from accounts.models import Account, AuditEvent
from images.models import Image, Region, ShareGrant

from ..factories import AccountFactory


@pytest.fixture
def regions(db):
    """As the migration leaves them; tests with real transactions empty every table."""
    for code in ("bj", "bd", "gz", "su", "hkg", "sin"):
        Region.objects.get_or_create(code=code, defaults={"name_en": code, "name_zh": code})


def seed():
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_an_empty_database_is_filled(regions):
    seed()

    assert Account.objects.count() > 50
    assert set(Image.objects.exclude(owner=None).values_list("status", flat=True)) == set(
        Image.Status.values
    )
    assert Image.objects.public().values("region").distinct().count() == 6
    platform = Account.objects.get(name="platform")
    assert ShareGrant.objects.filter(owner=platform).exists()
    assert ShareGrant.objects.filter(recipient=platform).exists()
    fullest = Image.objects.with_recipient_count().order_by("-recipient_count").first()
    assert fullest.recipient_count == 46
    assert Account.objects.get(name="branch-anqing").received_grants.count() == 19
    assert AuditEvent.objects.filter(verb="image.shared").count() > 10


def test_a_database_with_accounts_is_left_alone(regions):
    AccountFactory.create()

    assert seed() == "There are accounts already; nothing was added.\n"
    assert Account.objects.count() == 1
