"""Launching, reinstalling and releasing under concurrency."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from images import instances, locks, rules
from images.models import Image, Instance, ShareGrant

from ..factories import (
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
)
from ..threads import at_once, get_result, in_turn, refusals
from .races import (
    deleting_call,
    imaging_call,
    launching_call,
    reinstalling_call,
    unsharing_and_looking,
    unsharing_call,
)

pytestmark = pytest.mark.django_db(transaction=True)


# Launch and unshare: after an unshare has returned, no instance uses the image


def test_unsharing_waits_for_a_launch_that_came_first(actor_for):
    grant = ShareGrantFactory.create()
    launch = launching_call(grant.image, actor_for(grant.recipient), ["web-1", "web-2"])
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    launched, unshared = in_turn(launch, unshare)

    assert unshared == [grant.recipient]
    assert not ShareGrant.objects.exists()
    assert set(Instance.objects.owned_by(grant.recipient)) == set(launched)
    assert len(launched) == 2


def test_a_launch_waits_for_an_unshare_that_came_first_and_is_refused(actor_for):
    grant = ShareGrantFactory.create()
    launch = launching_call(grant.image, actor_for(grant.recipient))
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    unshared, launched = in_turn(unshare, launch)

    assert unshared == [grant.recipient]
    assert isinstance(launched, locks.NoSuchImage)
    assert not Instance.objects.exists()


def test_unsharing_waits_for_a_reinstall_that_came_first(actor_for):
    grant = ShareGrantFactory.create()
    instance = InstanceFactory.create(owner=grant.recipient)
    reinstall = reinstalling_call(instance, grant.image, actor_for(grant.recipient))
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    _, unshared = in_turn(reinstall, unshare)

    assert unshared == [grant.recipient]
    assert Instance.objects.get().image_id == grant.image.image_id


def test_a_reinstall_waits_for_an_unshare_that_came_first_and_is_refused(actor_for):
    grant = ShareGrantFactory.create()
    instance = InstanceFactory.create(owner=grant.recipient)
    reinstall = reinstalling_call(instance, grant.image, actor_for(grant.recipient))
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    _, reinstalled = in_turn(unshare, reinstall)

    assert isinstance(reinstalled, locks.NoSuchImage)
    assert Instance.objects.get().image_id == "m-long0ago"


def test_a_launch_succeeds_if_the_unshare_before_it_is_rolled_back(actor_for):
    grant = ShareGrantFactory.create()
    launch = launching_call(grant.image, actor_for(grant.recipient))
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    _, launched = in_turn(unshare, launch, roll_back=True)

    assert launched == [Instance.objects.get()]
    assert grant.image.grants.get() == grant


def test_launches_of_two_recipients_do_not_wait_for_each_other(actor_for):
    image = ImageFactory.create()
    first, second = ShareGrantFactory.create_batch(2, image=image)

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        launching_call(image, actor_for(first.recipient))()
        launch = launching_call(image, actor_for(second.recipient))
        launched = pool.submit(get_result, launch).result(timeout=30)

    assert len(launched) == 1
    assert Instance.objects.count() == 2


@pytest.mark.parametrize("attempt", range(8))
def test_no_launch_succeeds_after_an_unshare_has_returned(actor_for, attempt):
    grant = ShareGrantFactory.create()
    recipient = grant.recipient
    old = InstanceFactory.create_batch(3, owner=recipient)

    found, *answers = at_once(
        unsharing_and_looking(grant.image, recipient, actor_for(grant.owner)),
        *[launching_call(grant.image, actor_for(recipient))] * 6,
        *(reinstalling_call(each, grant.image, actor_for(recipient)) for each in old),
    )

    assert set(Instance.objects.created_from(grant.image)) == set(found)
    assert set(refusals(answers)) <= {locks.NoSuchImage}
    assert len(found) == 9 - len(refusals(answers))


def test_deleting_an_image_waits_for_a_launch_that_came_first(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)

    launched, deleted = in_turn(launching_call(image, by), deleting_call(image, by))

    assert deleted is None
    assert not Image.objects.exists()
    assert list(Instance.objects.all()) == launched


def test_a_launch_waits_for_a_deletion_that_came_first_and_is_refused(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)

    _, launched = in_turn(deleting_call(image, by), launching_call(image, by))

    assert isinstance(launched, locks.NoSuchImage)
    assert not Instance.objects.exists()


def test_a_reinstall_waits_for_a_deletion_that_came_first_and_is_refused(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)
    instance = InstanceFactory.create(owner=image.owner)
    reinstall = reinstalling_call(instance, image, by)

    _, reinstalled = in_turn(deleting_call(image, by), reinstall)

    assert isinstance(reinstalled, locks.NoSuchImage)
    assert Instance.objects.get().image_id == "m-long0ago"


@pytest.mark.parametrize("attempt", range(5))
def test_no_launch_succeeds_after_a_deletion_has_returned(actor_for, attempt):
    image = ImageFactory.create()
    by = actor_for(image.owner)

    def delete_and_look():
        deleting_call(image, by)()
        return list(Instance.objects.all())

    found, *answers = at_once(delete_and_look, *[launching_call(image, by)] * 6)

    assert not Image.objects.exists()
    assert set(Instance.objects.all()) == set(found)
    assert refusals(answers) == [locks.NoSuchImage] * (6 - len(found))


# One instance


def test_of_twenty_stops_at_once_one_succeeds(actor_for, settings):
    settings.INSTANCE_STOP_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    answers = at_once(*[lambda: instances.stop(instance=instance, by=by)] * 20)

    assert refusals(answers) == [rules.InstanceNotRunning] * 19
    assert Instance.objects.get().status == "Stopping"


def test_one_image_at_a_time_is_created_from_an_instance(actor_for, settings):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()

    answers = at_once(*[imaging_call(instance, actor_for(instance.owner))] * 10)

    assert refusals(answers) == [rules.InstanceNotSettled] * 9
    assert Image.objects.count() == 1


def test_a_release_waits_for_an_image_creation_that_came_first_and_is_refused(actor_for, settings):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    def release():
        return instances.release(instance=instance, by=by)

    image, released = in_turn(imaging_call(instance, by), release)

    assert isinstance(released, rules.InstanceIsBeingImaged)
    assert list(Image.objects.all()) == [image]
    assert list(Instance.objects.live()) == [instance]


def test_an_image_creation_waits_for_a_release_that_came_first_and_is_refused(actor_for):
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    def release():
        return instances.release(instance=instance, by=by)

    _, imaged = in_turn(release, imaging_call(instance, by))

    assert isinstance(imaged, locks.NoSuchInstance)
    assert not Image.objects.exists()


@pytest.mark.parametrize("attempt", range(5))
def test_of_a_release_and_an_image_creation_at_once_one_succeeds(actor_for, settings, attempt):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    released, imaged = at_once(
        lambda: instances.release(instance=instance, by=by), imaging_call(instance, by)
    )

    if Image.objects.exists():
        assert isinstance(released, rules.InstanceIsBeingImaged)
        assert Instance.objects.live().get().status == "ImageProcessing"
    else:
        assert isinstance(imaged, locks.NoSuchInstance)
        assert not Instance.objects.live().exists()


def test_a_recipient_that_keeps_launching_cannot_block_an_unshare(actor_for):
    """Ten threads launch until the unshare has returned, which waits in the same queue."""
    grant = ShareGrantFactory.create()
    by = actor_for(grant.recipient)
    unshared = threading.Event()

    def launch_until_refused():
        while not unshared.is_set():
            launching_call(grant.image, by, names=["web"] * 20)()

    def unshare():
        try:
            return unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))()
        finally:
            unshared.set()

    answers = at_once(*[launch_until_refused] * 10, unshare)

    assert answers[-1] == [grant.recipient]
    assert set(refusals(answers)) <= {locks.NoSuchImage}
