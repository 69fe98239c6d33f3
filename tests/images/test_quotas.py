"""The limits on custom images and on shares."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from images import lifecycle, quotas, sharing, usage
from images.models import Image, Instance
from images.sharing import Verdict

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
)
from .verbs import create_from, draft, entries_for, launch, verdicts

pytestmark = pytest.mark.django_db


def test_the_twentieth_custom_image_of_a_region_is_the_last(actor_for, account):
    ImageFactory.create_batch(10, owner=account)
    ImageFactory.create_batch(9, owner=account, creating=True)

    lifecycle.create(draft=draft(account), by=actor_for(account))
    with pytest.raises(quotas.CustomImageQuotaExceeded) as refusal:
        lifecycle.create(draft=draft(account), by=actor_for(account))

    assert str(refusal.value) == (
        "platform has 20 of 20 custom images in Beijing. Delete one first."
    )
    assert Image.objects.owned_by(account).count() == 20


def test_custom_images_are_counted_by_region(actor_for, account):
    ImageFactory.create_batch(20, owner=account, region__code="bj")

    lifecycle.create(draft=draft(account, region="gz"), by=actor_for(account))

    assert Image.objects.owned_by(account).in_region("gz").count() == 1


def test_an_unfinished_image_counts_toward_the_quota(actor_for, account, clock):
    ImageFactory.create_batch(19, owner=account)
    first, second = InstanceFactory.create_batch(2, owner=account)

    create_from(first, actor_for(account))
    with pytest.raises(quotas.CustomImageQuotaExceeded) as refusal:
        create_from(second, actor_for(account))

    assert str(refusal.value) == "platform has 20 of 20 custom images in Beijing. Delete one first."
    assert Image.objects.owned_by(account).count() == 20
    assert Instance.objects.get(pk=second.pk).status == "Running"


def test_a_full_region_does_not_affect_another(actor_for, account):
    ImageFactory.create_batch(20, owner=account, region__code="gz")

    create_from(InstanceFactory.create(owner=account, region__code="bj"), actor_for(account))

    assert Image.objects.owned_by(account).in_region("bj").count() == 1


def test_received_images_do_not_count_toward_the_quota(actor_for):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(20, recipient=recipient)
    ImageFactory.create_batch(19, owner=recipient)

    lifecycle.create(
        draft=ImageFactory.build(owner=recipient, region=ImageFactory.create().region),
        by=actor_for(recipient),
    )

    assert Image.objects.owned_by(recipient).count() == 20


def test_an_account_can_have_its_own_limits(actor_for):
    image = ImageFactory.create(owner=AccountFactory.create(recipient_limit=1))
    full = AccountFactory.create(received_image_limit=0)
    first, second = AccountFactory.create_batch(2)

    assert verdicts(image, full.name, first.name, second.name) == [
        Verdict.NO_ROOM,
        Verdict.READY,
        Verdict.OVER_LIMIT,
    ]


def test_a_limit_below_the_current_number_keeps_the_shares_and_refuses_more():
    image = ImageFactory.create(owner=AccountFactory.create(recipient_limit=1))
    ShareGrantFactory.create_batch(3, image=image)
    review = sharing.preview(image=image, entries=entries_for(AccountFactory.create()))

    assert [entry.verdict for entry in review.entries] == [Verdict.OVER_LIMIT]
    assert (review.used, review.limit, review.left) == (3, 1, 0)


@pytest.mark.parametrize(("until", "limit"), [("2027-03-01", 60), ("2027-02-28", 50)])
def test_a_limit_of_an_account_ends_after_its_last_day(account, until, limit):
    account.recipient_limit = 60
    account.limits_until = date.fromisoformat(until)

    with time_machine.travel("2027-03-01T23:59:00Z", tick=False):
        assert quotas.get_recipient_limit(account) == limit


def test_the_day_is_that_of_utc(account):
    account.received_image_limit = 1
    account.limits_until = date(2027, 3, 1)

    with (
        time_machine.travel("2027-03-01T17:00:00Z", tick=False),
        timezone.override("Asia/Shanghai"),
    ):
        assert quotas.get_received_limit(account) == 1


def test_lists_compare_with_the_limit_that_applies(account):
    Account.objects.update(
        received_image_limit=1, limits_reason="pilot", limits_until=date(2027, 3, 1)
    )
    ShareGrantFactory.create(recipient=account)

    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        assert list(usage.find_accounts_near_limit(Account.objects.all())) == [account]
    with time_machine.travel("2027-03-02T12:00:00Z", tick=False):
        assert not usage.find_accounts_near_limit(Account.objects.all())


def test_an_account_has_so_many_instances_that_are_not_released(actor_for, settings):
    settings.MAX_INSTANCES = 3
    image = ImageFactory.create()
    by = actor_for(image.owner)
    InstanceFactory.create_batch(5, owner=image.owner, released_at=timezone.now())
    InstanceFactory.create_batch(5)
    launch(image, by, names=["a", "b"])

    with pytest.raises(quotas.InstanceQuotaExceeded) as caught:
        launch(image, by, names=["a", "b"])
    launch(image, by)

    sentence = f"{image.owner.name} has 2 of 3 instances. Release some first."
    assert str(caught.value) == sentence
