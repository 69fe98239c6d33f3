"""Each rule of the database: it holds for what the verbs do, and a row that breaks it is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import Verb, record
from accounts.models import (
    Account,
    Attempt,
    AuditEvent,
    ClientToken,
    RefusalTally,
    Session,
    UsedSignature,
)
from images import closing, invariants, lifecycle, restoring, sharing
from images.models import Image, Instance, ShareGrant

from ..admin import save
from ..factories import (
    FAR,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .verbs import create_from, draft, launch, release, share_with, unshare

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(account):
    return account


@pytest.fixture
def mei(actor_for, owner):
    return actor_for(owner)


@pytest.fixture
def image(owner, mei):
    return lifecycle.create(draft=draft(owner, name="golden", image_id="m-golden00"), by=mei)


@pytest.fixture
def payments(db):
    return AccountFactory.create(name="payments", account_id="b" * 32)


@pytest.fixture
def grant(image, payments, mei):
    share_with(image, mei, "payments")
    return ShareGrant.objects.get()


def codes():
    return [sentence.partition(":")[0] for sentence in invariants.find()]


def test_everything_holds_after_the_verbs(image, grant, payments, actor_for, mei):
    theirs = actor_for(payments)
    (instance,) = launch(image, theirs)
    create_from(instance, theirs)
    unshare(grant, mei)
    unshare_event = AuditEvent.objects.latest("pk")
    restoring.restore(image=image, unshare_event=unshare_event, by=mei)
    launch(image, theirs)
    release(instance, theirs)
    unshare(ShareGrant.objects.get(), mei)
    lifecycle.delete(image=image, by=mei)
    closing.close(account=payments, images=closing.Choice.KEEP, by=mei)

    assert invariants.find() == []


def test_an_image_that_is_handed_over_can_be_used_after_it_was_unshared(image, grant, actor_for):
    operator = actor_for(image.owner)
    closing.close(
        account=image.owner, images=closing.Choice.HAND_OVER, to=grant.recipient, by=operator
    )
    image.refresh_from_db()
    launch(image, actor_for(image.owner))

    assert invariants.find() == []


def test_a_public_image_that_is_shared_is_found(grant):
    Image.objects.update(type=Image.Type.SYSTEM, owner=None)

    assert invariants.find()[:1] == [
        "share-of-public-image: Image m-golden00 isn't a custom image, but is shared with payments."
    ]


def test_a_share_of_another_owner_is_found(grant):
    ShareGrant.objects.update(owner=AccountFactory.create())

    assert codes() == ["share-by-other-owner"]


def test_a_share_with_the_owner_is_found(grant, payments):
    Image.objects.update(owner=payments)

    assert "share-with-owner: Image m-golden00 is shared with its owner payments." in (
        invariants.find()
    )


def test_a_share_with_a_closed_account_is_found(grant, payments):
    Account.objects.filter(pk=payments.pk).update(closed_at=timezone.now())

    assert codes() == ["share-with-closed-account"]


def test_a_share_by_a_closed_account_is_found(grant, owner):
    Account.objects.filter(pk=owner.pk).update(closed_at=timezone.now())

    assert codes() == ["share-by-closed-account"]


def test_a_share_that_was_unshared_is_found(grant, mei):
    unshare(grant, mei)
    ShareGrant.objects.create(
        image=grant.image, owner=grant.owner, recipient=grant.recipient, shared_by="nobody"
    )

    assert codes() == ["share-after-unshare"]


def test_a_share_that_is_gone_without_an_unshare_is_found(grant):
    ShareGrant.objects.all().delete()

    assert invariants.find() == [
        (
            "share-that-is-gone: The trail says that image m-golden00 is shared with the account "
            f"{'b' * 32}, but it isn't."
        )
    ]


def test_a_share_without_an_event_is_found(image):
    ShareGrantFactory.create(image=image, recipient__name="search")

    assert invariants.find() == [
        (
            "share-without-event: Image m-golden00 is shared with search, but the trail has no "
            "event of it."
        )
    ]


def test_what_is_older_than_the_trail_needs_no_event(mei):
    record(mei, Verb.SIGN_IN)
    before = AuditEvent.objects.get().at - timedelta(days=1)
    ShareGrantFactory.create(shared_at=before, image__created_at=before)

    assert invariants.find() == []


def test_an_empty_trail_is_found():
    ShareGrantFactory.create()

    assert codes() == ["share-without-event", "image-without-event"]


def test_an_unshare_that_was_undone_twice_is_found(grant, mei):
    record(mei, Verb.RESTORE_SHARES, undoes=7)
    record(mei, Verb.RESTORE_SHARES, undoes=7)

    assert codes() == ["undone-twice"]


@pytest.mark.parametrize("verb", [Verb.CREATE_INSTANCE, Verb.REINSTALL])
def test_a_use_after_an_unshare_is_found(grant, payments, actor_for, mei, verb):
    image = grant.image
    launch(image, actor_for(payments))
    unshare(grant, mei)
    used = record(actor_for(payments), verb, image=image.image_id)

    assert invariants.find() == [
        (
            f"use-after-unshare: In event {used.pk}, the account {'b' * 32} used image m-golden00, "
            "which was unshared from it before."
        )
    ]


def test_images_and_instances_without_an_event_are_found(image):
    ImageFactory.create(owner=image.owner)
    InstanceFactory.create(owner=image.owner)

    assert codes() == ["image-without-event", "instance-without-event"]


def test_what_the_trail_deleted_and_is_there_is_found(image, mei):
    (instance,) = launch(image, mei)
    record(mei, Verb.DELETE_IMAGE, target=image.audit_target)
    record(mei, Verb.RELEASE, target=instance.audit_target)

    assert codes() == ["image-deleted-but-there", "instance-released-but-there"]


def test_an_instance_in_another_region_than_its_image_is_found(image, mei):
    launch(image, mei)
    Instance.objects.update(region=RegionFactory.create(code="gz"))

    assert codes() == ["instance-elsewhere"]


def test_an_active_key_of_a_closed_account_is_found():
    AccessKeyFactory.create(user__account__closed_at=timezone.now())

    assert codes() == ["key-of-closed-account"]


def test_three_active_keys_are_found():
    AccessKeyFactory.create_batch(3, user=UserFactory.create(username="lin"))

    assert invariants.find() == ["too-many-keys: lin has 3 active access keys, and 3 in all."]


def test_sessions_of_somebody_who_cannot_sign_in_are_found(owner):
    person = UserFactory.create(username="lin", is_active=False)
    Session.objects.create(session_key="k", user=person, expire_date=FAR)

    assert invariants.find() == ["session-of-nobody: lin can't sign in, but has sessions: 1."]


def over(limit, number):
    return f"{number}. The limit of platform was never above {limit}."


def found_over():
    return [each for each in invariants.find() if each.startswith("over-limit")]


def test_more_than_a_limit_is_found(owner):
    ImageFactory.create_batch(21, owner=owner)
    image = ImageFactory.create(owner=owner, region=RegionFactory.create(code="gz"))
    ShareGrantFactory.create_batch(51, image=image)
    ShareGrantFactory.create_batch(21, recipient=owner)

    assert found_over() == [
        f"over-limit: Recipients of image {image.image_id}: {over(50, 51)}",
        f"over-limit: Images shared with platform: {over(20, 21)}",
        f"over-limit: Custom images in bj: {over(20, 21)}",
    ]


def test_what_is_at_its_limit_is_not_found(owner):
    ImageFactory.create_batch(20, owner=owner)
    ShareGrantFactory.create_batch(20, recipient=owner)

    assert found_over() == []


@pytest.mark.parametrize("field", ["custom_image_limit", "received_image_limit"])
def test_the_limit_of_an_account_counts(owner, field):
    Account.objects.filter(pk=owner.pk).update(**{field: 2})
    ImageFactory.create_batch(3, owner=owner)
    ShareGrantFactory.create_batch(3, recipient=owner)

    (sentence,) = found_over()
    assert sentence.endswith(over(2, 3))


def test_a_limit_that_was_set_below_the_number_takes_nothing_away(operator, owner):
    ImageFactory.create_batch(3, owner=owner)
    page = f"/admin/accounts/account/{owner.pk}/change/"

    save(operator, page, custom_image_limit="2", limits_reason="less")
    assert found_over() == []
    ImageFactory.create_batch(18, owner=owner)

    assert found_over() == [f"over-limit: Custom images in bj: {over(20, 21)}"]


def test_a_limit_that_is_over_counted_until_its_day(owner):
    values = {"custom_image_limit": 22, "limits_until": timezone.now().date() - timedelta(days=2)}
    Account.objects.filter(pk=owner.pk).update(**values)
    ImageFactory.create_batch(22, owner=owner)

    assert found_over() == []


def test_a_token_without_what_it_created_is_found(mei):
    person = UserFactory.create(username="lin")
    record(mei, Verb.SIGN_IN)
    token = {"user": person, "scope": "bcc:bj", "fingerprint": "f"}
    ClientToken.objects.create(token="t1", answer={"instance_ids": ["i-nothing1"]}, **token)
    ClientToken.objects.create(token="t2", answer={"image_id": "m-nothing1"}, **token)
    ClientToken.objects.create(token="t3", **token)

    assert codes() == ["token-half-done", "token-without-event", "token-without-event"]
    assert invariants.find()[1:2] == [
        (
            "token-without-event: The client token t1 of lin created i-nothing1, but the trail has "
            "no event of it."
        )
    ]


def test_a_refusal_that_was_only_counted_is_found(image, mei):
    for _ in range(3):
        with pytest.raises(sharing.NoRecipients):
            sharing.share(image=image, entries=[], by=mei)
    assert invariants.find() == []

    RefusalTally.objects.update(number=4)

    (sentence,) = invariants.find()
    assert sentence.endswith(
        "image.shared was refused 4 times (no-recipients), but the trail has 3 events of it."
    )


def test_hundreds_of_refusals_need_ten_events(image, mei):
    for _ in range(15):
        with pytest.raises(sharing.NoRecipients):
            sharing.share(image=image, entries=[], by=mei)

    assert RefusalTally.objects.get().number == 15
    assert invariants.find() == []


def test_a_signature_that_was_used_after_its_end_is_found():
    now = timezone.now()
    UsedSignature.objects.create(digest="d", used_at=now, expires_at=now - timedelta(minutes=2))

    assert codes() == ["signature-used-late"]


def test_what_a_wrong_clock_counted_in_the_future_is_found():
    Attempt.objects.create(
        key="look-up:lin", started_at=timezone.now() + timedelta(hours=1), spent=1
    )

    assert codes() == ["counted-in-the-future"]


def test_the_number_of_queries_is_fixed(owner, mei, image, grant, django_assert_max_num_queries):
    ShareGrantFactory.create_batch(60, image=image)
    ImageFactory.create_batch(25, owner=owner)
    ShareGrantFactory.create_batch(25, recipient=owner)

    with django_assert_max_num_queries(28):
        assert len(invariants.find()) > 60
