"""Close an account, and reopen it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.actors import SYSTEM, Channel
from accounts.closed import AccountIsClosed
from accounts.models import AccessKey, AuditEvent
from images import closing, holdings, lifecycle, quotas
from images.closing import Choice
from images.models import Image, Instance, ShareGrant

from ..factories import (
    FAR,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .verbs import launch, share_with, verdicts

pytestmark = pytest.mark.django_db

OPERATOR = replace(SYSTEM, name="op", channel=Channel.ADMIN, request_id="r-1")


@pytest.fixture
def leaver():
    """Return an account with one of each."""
    account = AccountFactory.create(name="leaver")
    key = AccessKeyFactory.create(user__account=account, user__username="lee")
    AccessKeyFactory.create(user=key.user, is_active=False)
    image = ImageFactory.create(owner=account, name="golden")
    ShareGrantFactory.create_batch(2, image=image)
    ShareGrantFactory.create(recipient=account, image__name="borrowed")
    InstanceFactory.create(owner=account, name="web")
    return account


def close(account, images=Choice.KEEP, by=OPERATOR, **arguments):
    event = closing.close(account=account, images=images, by=by, **arguments)
    account.refresh_from_db()
    return event


def verbs_of(account):
    events = AuditEvent.objects.concerning(account).order_by("pk")
    return list(events.values_list("verb", flat=True))


def test_closing_takes_all_shares_and_disables_all_keys(leaver):
    close(leaver)

    assert leaver.is_closed
    assert not ShareGrant.objects.exists()
    assert not AccessKey.objects.filter(is_active=True).exists()
    assert Image.objects.owned_by(leaver).count() == 1
    assert Instance.objects.owned_by(leaver).count() == 1


def test_shares_of_others_stay():
    grant = ShareGrantFactory.create()

    close(AccountFactory.create())

    assert list(ShareGrant.objects.all()) == [grant]


def test_a_closing_is_one_batch_with_a_summary(leaver):
    event = close(leaver)

    batch = AuditEvent.objects.filter(request_id="r-1")
    assert sorted(batch.values_list("verb", flat=True)) == [
        "access-key.disabled",
        "account.closed",
        "image.unshared",
        "image.unshared",
    ]
    assert event.target_name == "leaver"
    assert (event.detail["shared"], event.detail["received"], event.detail["keys"]) == (2, 1, 1)
    assert event.detail["people"] == ["lee"]
    assert [image["name"] for image in event.detail["images"]] == ["golden"]
    assert [instance["name"] for instance in event.detail["instances"]] == ["web"]


def test_all_sessions_of_its_people_end(leaver, client_for):
    browser = client_for(leaver)
    other = client_for(AccountFactory.create())

    event = close(leaver)
    closing.reopen(account=leaver, by=OPERATOR)

    assert event.detail["sessions"] == 1
    assert browser.get("/bj/images/").status_code == 302
    assert other.get("/bj/images/").status_code == 200


def test_a_closing_on_the_command_line_has_a_request_id_of_its_own(leaver):
    event = close(leaver, by=SYSTEM)

    assert len(event.request_id) == 36
    assert AuditEvent.objects.filter(request_id=event.request_id).count() == 4


def test_each_recipient_reads_that_the_image_is_no_longer_shared(leaver):
    recipients = [grant.recipient for grant in ShareGrant.objects.filter(owner=leaver)]

    close(leaver)

    for recipient in recipients:
        (event,) = AuditEvent.objects.filter(recipients__contains=[recipient.account_id])
        assert (event.verb, event.target_name) == ("image.unshared", "golden")


def test_the_owner_of_a_received_image_reads_that_it_was_unshared(leaver):
    owner = ShareGrant.objects.get(recipient=leaver).owner

    close(leaver)

    assert verbs_of(owner) == ["image.unshared"]


def test_closing_twice_does_nothing_the_second_time(leaver):
    first = close(leaver)
    events = AuditEvent.objects.count()

    assert close(leaver, Choice.RELEASE) == first
    assert AuditEvent.objects.count() == events
    assert Image.objects.owned_by(leaver).count() == 1


# What becomes of images and instances


def test_images_are_deleted_and_instances_released(leaver):
    close(leaver, Choice.RELEASE)

    assert not Image.objects.owned_by(leaver).exists()
    assert not Instance.objects.live().exists()
    assert Instance.objects.get().released_at is not None
    assert {"image.deleted", "instance.released"} <= set(verbs_of(leaver))


def test_nothing_is_closed_if_something_cannot_be_released(leaver):
    InstanceFactory.create(owner=leaver, name="prepaid", expires_at=FAR)
    ImageFactory.create(owner=leaver, name="fresh", creating=True)

    with pytest.raises(closing.NotReleasable) as refusal:
        close(leaver, Choice.RELEASE)

    assert str(refusal.value) == (
        "Nothing was closed. 2 images or instances can't be released now: fresh, prepaid. "
        "Keep them or hand them over."
    )
    leaver.refresh_from_db()
    assert not leaver.is_closed
    assert ShareGrant.objects.count() == 3
    assert AccessKey.objects.filter(is_active=True).count() == 1
    assert verbs_of(leaver) == ["account.closed"]
    assert AuditEvent.objects.get().outcome == "refused"


def test_images_and_instances_are_handed_over_without_their_shares(leaver):
    heir = AccountFactory.create(name="heir")

    event = close(leaver, Choice.HAND_OVER, to=heir)

    assert [image.name for image in Image.objects.owned_by(heir)] == ["golden"]
    assert [instance.name for instance in Instance.objects.owned_by(heir)] == ["web"]
    assert not ShareGrant.objects.exists()
    assert event.detail["newOwner"] == "heir"
    assert verbs_of(heir) == ["image.handed-over", "instance.handed-over"]


def test_a_recipient_can_become_the_owner(leaver):
    heir = ShareGrant.objects.filter(owner=leaver)[0].recipient

    close(leaver, Choice.HAND_OVER, to=heir)

    assert Image.objects.owned_by(heir).count() == 1


def test_the_new_owner_needs_room_in_every_region(leaver):
    heir = AccountFactory.create(name="heir", custom_image_limit=2)
    ImageFactory.create_batch(2, owner=leaver)
    ImageFactory.create_batch(1, owner=heir)
    gz = RegionFactory.create(code="gz", name_en="Guangzhou")
    ImageFactory.create_batch(2, owner=leaver, region=gz)

    with pytest.raises(quotas.NoRoomForImages) as refusal:
        close(leaver, Choice.HAND_OVER, to=heir)

    assert str(refusal.value) == (
        "heir has 1 of 2 custom images in Beijing. There is no room for 3 more."
    )
    assert Image.objects.owned_by(leaver).count() == 5
    assert ShareGrant.objects.count() == 3


def test_images_are_handed_over_to_another_open_account_only(leaver):
    closed = AccountFactory.create()
    close(closed)

    for to, expected in (
        (None, closing.NoNewOwner),
        (leaver, closing.SameOwner),
        (closed, AccountIsClosed),
    ):
        with pytest.raises(expected):
            close(leaver, Choice.HAND_OVER, to=to)

    leaver.refresh_from_db()
    assert not leaver.is_closed


def test_what_was_not_confirmed_is_not_done(leaver):
    shown = holdings.find(leaver).digest
    ImageFactory.create(owner=leaver)

    with pytest.raises(closing.HoldingsChanged):
        close(leaver, shown=shown)
    close(leaver, shown=holdings.find(leaver).digest)

    assert leaver.is_closed


def test_an_operator_cannot_close_the_own_account():
    person = UserFactory.create(username="op")

    with pytest.raises(closing.OwnAccount):
        close(person.account)
    close(person.account, by=SYSTEM)

    assert person.account.is_closed


# A closed account


def test_a_closed_account_cannot_be_a_recipient(leaver, actor_for):
    close(leaver)
    image = ImageFactory.create()

    for text in (leaver.name, leaver.account_id, leaver.uc_account):
        assert verdicts(image, text) == ["closed"]
    assert verdicts(image, "leaverr", "Leaver") == ["unknown", "unknown"]


def test_nobody_acts_for_a_closed_account(leaver, actor_for):
    close(leaver)
    by = actor_for(leaver)
    image = Image.objects.get(owner=leaver)

    for call in (
        lambda: share_with(image, by, AccountFactory.create().name),
        lambda: share_with(image, OPERATOR, AccountFactory.create().name),
        lambda: launch(image, by),
        lambda: lifecycle.create(
            draft=ImageFactory.build(owner=leaver, region=image.region), by=by
        ),
    ):
        with pytest.raises(AccountIsClosed):
            call()


def test_a_reopened_account_has_what_was_kept_and_can_share_again(leaver, actor_for):
    close(leaver)

    closing.reopen(account=leaver, by=OPERATOR)
    closing.reopen(account=leaver, by=OPERATOR)

    leaver.refresh_from_db()
    assert not leaver.is_closed
    assert not AccessKey.objects.filter(is_active=True).exists()
    image = Image.objects.get(owner=leaver)
    assert share_with(image, actor_for(leaver), AccountFactory.create().name)
    assert verbs_of(leaver).count("account.reopened") == 1


def test_every_closing_of_an_account_is_found_newest_first(leaver):
    first = close(leaver)
    closing.reopen(account=leaver, by=OPERATOR)
    second = close(leaver)

    assert closing.find_closings(leaver) == [second, first]


@pytest.mark.parametrize(
    ("choice", "statements"), [(Choice.KEEP, 26), (Choice.RELEASE, 32), (Choice.HAND_OVER, 31)]
)
@pytest.mark.parametrize("number", [1, 20])
def test_closing_takes_as_many_statements_for_few_as_for_many(
    django_assert_num_queries, number, choice, statements
):
    to = AccountFactory.create() if choice is Choice.HAND_OVER else None
    account = AccountFactory.create()
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(number, image=image)
    InstanceFactory.create_batch(number, owner=account)
    AccessKeyFactory.create_batch(number, user__account=account)

    with django_assert_num_queries(statements):
        closing.close(account=account, images=choice, to=to, by=OPERATOR)


def test_an_operator_closes_no_account_of_people_who_may_do_more(leaver):
    clerk = OperatorFactory.create(is_superuser=False)
    by = replace(OPERATOR, name=clerk.username, operator=clerk)
    boss = OperatorFactory.create(account=leaver)

    with pytest.raises(closing.PeopleMayDoMore) as refusal:
        close(leaver, by=by)

    assert str(refusal.value) == ("A person of this account may do more than you. Ask a superuser.")
    leaver.refresh_from_db()
    assert not leaver.is_closed
    assert ShareGrant.objects.count() == 3

    boss.delete()
    close(leaver, by=by)
    assert leaver.is_closed
