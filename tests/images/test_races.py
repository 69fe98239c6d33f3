"""The limits under real concurrency: threads, each with its own connection and transaction."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connection, transaction

from accounts.exceptions import Refused
from accounts.models import Account
from images import copying, instances, lifecycle, locks, quotas, restoring, rules, sharing
from images.models import Image, Instance, ShareGrant
from images.sharing import Entry
from images.specs import SPECS

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run every call in its own thread, all let go at the same moment; answer what each gave.

    A refusal is an answer here, any other exception is raised.
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        connection.ensure_connection()
        barrier.wait(timeout=30)
        return answer_of(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def answer_of(call):
    """What a call gives in a thread of its own."""
    try:
        return call()
    except Refused as refusal:
        return refusal
    finally:
        connection.close()


def in_turn(first, then, *, roll_back=False):
    """Call `first`, and end its transaction only when `then`, in another thread, waits for that.

    PostgreSQL itself tells who waits. Answer what each gave.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            given = first()
            later = pool.submit(answer_of, then)
            while not somebody_waits():
                assert not wait([later], timeout=0.01).done, "the second did not wait"
            transaction.set_rollback(roll_back)
        return given, later.result(timeout=30)


def somebody_waits():
    """Whether another connection waits for a lock that this one has."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT FROM pg_locks
            WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
        """)
        return bool(cursor.fetchall())


def sharing_call(image, recipients, by):
    entries = [Entry(account.name, [account]) for account in recipients]
    return lambda: sharing.share(image=image, entries=entries, by=by)


def unshare(image, recipients, by):
    entries = [Entry(account.name, [account]) for account in recipients]
    return sharing.unshare(image=image, entries=entries, by=by)


def unsharing_call(image, recipients, by):
    def call():
        unshared = unshare(image, recipients, by)
        return list(Account.objects.filter(account_id__in=unshared.recipients))

    return call


def unsharing_and_looking(image, recipient, by):
    """Unshare, then at once answer what the recipient has made from the image until now."""

    def call():
        unsharing_call(image, [recipient], by)()
        return list(Instance.objects.filter(owner=recipient).made_from(image))

    return call


def launching_call(image, by, names=("web",)):
    order = instances.Order(spec=SPECS["bcc.g5.c2m8"], names=names, password="Golden2026!")
    return lambda: instances.create(image=image, order=order, by=by)


def reinstalling_call(instance, image, by):
    return lambda: instances.reinstall(instance=instance, image=image, password=None, by=by)


def imaging_call(instance, by):
    return lambda: lifecycle.create_from(instance=instance, name="made", desc="", by=by)


def deleting_call(image, by):
    return lambda: lifecycle.delete(image=image, by=by)


def refusals(answers):
    return [type(answer) for answer in answers if isinstance(answer, Refused)]


def test_twenty_shares_for_the_last_place_of_an_image(actor_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(49, image=image)
    by = actor_for(image.owner)
    accounts = AccountFactory.create_batch(20)

    answers = at_once(*(sharing_call(image, [account], by) for account in accounts))

    assert refusals(answers) == [sharing.EntriesRefused] * 19
    assert image.grants.count() == 50


def test_twenty_images_for_the_last_place_of_a_recipient(actor_for):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(19, recipient=recipient)
    images = ImageFactory.create_batch(20)

    answers = at_once(
        *(sharing_call(image, [recipient], actor_for(image.owner)) for image in images)
    )

    assert refusals(answers) == [sharing.EntriesRefused] * 19
    assert recipient.received_grants.count() == 20


def test_twenty_new_images_for_the_last_place_of_a_region(actor_for):
    owner = AccountFactory.create()
    region = RegionFactory.create()
    ImageFactory.create_batch(19, owner=owner, region=region)
    drafts = ImageFactory.build_batch(20, owner=owner, region=region)

    answers = at_once(
        *(
            lambda draft=draft: lifecycle.create(draft=draft, by=actor_for(owner))
            for draft in drafts
        )
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).count() == 20


def test_the_same_share_twenty_times_is_made_once(actor_for):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answers = at_once(*[sharing_call(image, [recipient], actor_for(image.owner))] * 20)

    assert refusals(answers) == [sharing.EntriesRefused] * 19
    assert image.grants.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_share_against_delete(actor_for, attempt):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    by = actor_for(image.owner)

    shared, deleted = at_once(
        sharing_call(image, [recipient], by), lambda: lifecycle.delete(image=image, by=by)
    )

    if Image.objects.exists():
        assert shared == [recipient]
        assert isinstance(deleted, rules.ImageIsShared)
        assert image.grants.count() == 1
    else:
        assert isinstance(shared, locks.NoSuchImage)
        assert deleted is None
        assert not ShareGrant.objects.exists()


def test_shares_with_the_same_recipients_in_opposite_order(actor_for):
    accounts = AccountFactory.create_batch(8)
    images = ImageFactory.create_batch(10)
    orders = [accounts, accounts[::-1]] * 5

    answers = at_once(
        *(
            sharing_call(image, order, actor_for(image.owner))
            for image, order in zip(images, orders, strict=True)
        )
    )

    assert answers == orders
    assert ShareGrant.objects.count() == 80


def test_share_against_unshare_of_the_same_account(actor_for):
    grant = ShareGrantFactory.create()
    by = actor_for(grant.owner)

    shared, unshared = at_once(
        sharing_call(grant.image, [grant.recipient], by),
        unsharing_call(grant.image, [grant.recipient], by),
    )

    assert unshared == [grant.recipient]
    is_shared_again = not isinstance(shared, Refused)
    assert grant.image.grants.count() == is_shared_again


@pytest.mark.parametrize("attempt", range(3))
def test_unshare_against_delete(actor_for, attempt):
    grant = ShareGrantFactory.create()
    by = actor_for(grant.owner)

    unshared, deleted = at_once(
        unsharing_call(grant.image, [grant.recipient], by),
        lambda: lifecycle.delete(image=grant.image, by=by),
    )

    assert unshared == [grant.recipient]
    assert isinstance(deleted, rules.ImageIsShared) == Image.objects.exists()


# Launching against unsharing: once an unshare has returned, the image is used no more


def test_unsharing_waits_for_a_launch_that_came_first(actor_for):
    grant = ShareGrantFactory.create()
    launch = launching_call(grant.image, actor_for(grant.recipient), ["web-1", "web-2"])
    unshare = unsharing_call(grant.image, [grant.recipient], actor_for(grant.owner))

    made, unshared = in_turn(launch, unshare)

    assert unshared == [grant.recipient]
    assert not ShareGrant.objects.exists()
    assert set(Instance.objects.owned_by(grant.recipient)) == set(made)
    assert len(made) == 2


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


def test_a_launch_is_made_after_all_when_the_unshare_before_it_is_rolled_back(actor_for):
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
        made = pool.submit(answer_of, launch).result(timeout=30)

    assert len(made) == 1
    assert Instance.objects.count() == 2


@pytest.mark.parametrize("attempt", range(8))
def test_launches_against_an_unshare(actor_for, attempt):
    grant = ShareGrantFactory.create()
    recipient = grant.recipient
    old = InstanceFactory.create_batch(3, owner=recipient)

    seen, *answers = at_once(
        unsharing_and_looking(grant.image, recipient, actor_for(grant.owner)),
        *[launching_call(grant.image, actor_for(recipient))] * 6,
        *(reinstalling_call(each, grant.image, actor_for(recipient)) for each in old),
    )

    assert set(Instance.objects.made_from(grant.image)) == set(seen)
    assert set(refusals(answers)) <= {locks.NoSuchImage}
    assert len(seen) == 9 - len(refusals(answers))


def test_deleting_an_image_waits_for_a_launch_that_came_first(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)

    made, deleted = in_turn(launching_call(image, by), deleting_call(image, by))

    assert deleted is None
    assert not Image.objects.exists()
    assert list(Instance.objects.all()) == made


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
def test_launches_against_the_deletion_of_the_image(actor_for, attempt):
    image = ImageFactory.create()
    by = actor_for(image.owner)

    def delete_and_look():
        deleting_call(image, by)()
        return list(Instance.objects.all())

    seen, *answers = at_once(delete_and_look, *[launching_call(image, by)] * 6)

    assert not Image.objects.exists()
    assert set(Instance.objects.all()) == set(seen)
    assert refusals(answers) == [locks.NoSuchImage] * (6 - len(seen))


# Images of instances, and copies


def test_twenty_images_of_instances_for_the_last_place_of_a_region(actor_for, settings):
    settings.IMAGE_CREATE_SECONDS = 600
    owner = AccountFactory.create()
    ImageFactory.create_batch(19, owner=owner)
    machines = InstanceFactory.create_batch(20, owner=owner)

    answers = at_once(*(imaging_call(each, actor_for(owner)) for each in machines))

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).count() == 20
    assert Instance.objects.in_status("ImageProcessing").count() == 1
    assert Instance.objects.in_status("Running").count() == 19
    made = Image.objects.in_status("Creating").get()
    assert Instance.objects.in_status("ImageProcessing").get().instance_id == made.source


def test_twenty_copies_for_the_last_place_of_a_region(actor_for):
    owner = AccountFactory.create()
    elsewhere = RegionFactory.create(code="gz")
    ImageFactory.create_batch(19, owner=owner, region=elsewhere)
    images = ImageFactory.create_batch(20, owner=owner)

    answers = at_once(
        *(
            lambda image=image: copying.copy(
                image=image, codes=[elsewhere.code], name="copy", by=actor_for(owner)
            )
            for image in images
        )
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 19
    assert Image.objects.owned_by(owner).in_region("gz").count() == 20


def test_an_image_of_an_instance_a_copy_and_a_new_image_for_the_last_place(actor_for):
    owner = AccountFactory.create()
    by = actor_for(owner)
    region = RegionFactory.create(code="gz")
    ImageFactory.create_batch(19, owner=owner, region=region)
    image = ImageFactory.create(owner=owner, region__code="bj")
    machine = InstanceFactory.create(owner=owner, region=region)
    draft = ImageFactory.build(owner=owner, region=region)

    answers = at_once(
        imaging_call(machine, by),
        lambda: copying.copy(image=image, codes=[region.code], name="copy", by=by),
        lambda: lifecycle.create(draft=draft, by=by),
    )

    assert refusals(answers) == [quotas.CustomImageQuotaExceeded] * 2
    assert Image.objects.owned_by(owner).in_region(region).count() == 20


def test_a_copy_waits_for_the_deletion_of_its_source_and_is_refused(actor_for):
    image = ImageFactory.create()
    by = actor_for(image.owner)
    elsewhere = RegionFactory.create(code="gz")

    def copy():
        return copying.copy(image=image, codes=[elsewhere.code], name="copy", by=by)

    _, copied = in_turn(deleting_call(image, by), copy)

    assert isinstance(copied, locks.NoSuchImage)
    assert not Image.objects.exists()


def test_a_copy_is_cancelled_once(actor_for):
    image = ImageFactory.create(copying=True)
    by = actor_for(image.owner)

    answers = at_once(*[lambda: copying.cancel(image=image, by=by)] * 10)

    assert refusals(answers) == [locks.NoSuchImage] * 9
    assert not Image.objects.exists()


# One instance


def test_an_instance_is_stopped_once(actor_for, settings):
    settings.INSTANCE_STOP_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    answers = at_once(*[lambda: instances.stop(instance=instance, by=by)] * 20)

    assert refusals(answers) == [rules.InstanceNotRunning] * 19
    assert Instance.objects.get().status == "Stopping"


def test_one_image_is_made_of_an_instance_at_a_time(actor_for, settings):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()

    answers = at_once(*[imaging_call(instance, actor_for(instance.owner))] * 10)

    assert refusals(answers) == [rules.InstanceNotSettled] * 9
    assert Image.objects.count() == 1


def test_a_release_waits_for_the_image_that_is_made_and_is_refused(actor_for, settings):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    def release():
        return instances.release(instance=instance, by=by)

    image, released = in_turn(imaging_call(instance, by), release)

    assert isinstance(released, rules.InstanceIsMadeAnImageOf)
    assert list(Image.objects.all()) == [image]
    assert list(Instance.objects.live()) == [instance]


def test_no_image_is_made_of_an_instance_that_is_being_released(actor_for):
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    def release():
        return instances.release(instance=instance, by=by)

    _, imaged = in_turn(release, imaging_call(instance, by))

    assert isinstance(imaged, locks.NoSuchInstance)
    assert not Image.objects.exists()


@pytest.mark.parametrize("attempt", range(5))
def test_release_against_making_an_image(actor_for, settings, attempt):
    settings.IMAGE_CREATE_SECONDS = 600
    instance = InstanceFactory.create()
    by = actor_for(instance.owner)

    released, made = at_once(
        lambda: instances.release(instance=instance, by=by), imaging_call(instance, by)
    )

    if Image.objects.exists():
        assert isinstance(released, rules.InstanceIsMadeAnImageOf)
        assert Instance.objects.live().get().status == "ImageProcessing"
    else:
        assert isinstance(made, locks.NoSuchInstance)
        assert not Instance.objects.live().exists()


@pytest.mark.parametrize("attempt", range(5))
def test_everything_at_once_never_deadlocks(actor_for, attempt):
    """Any exception that is no refusal, a deadlock above all, fails in at_once."""
    grant = ShareGrantFactory.create()
    image, owner, recipient = grant.image, actor_for(grant.owner), actor_for(grant.recipient)
    theirs = InstanceFactory.create_batch(4, owner=grant.recipient)
    own = InstanceFactory.create_batch(2, owner=grant.owner)
    elsewhere = RegionFactory.create(code="gz")

    seen, _, *answers = at_once(
        unsharing_and_looking(image, grant.recipient, owner),
        deleting_call(image, owner),
        *(reinstalling_call(each, image, recipient) for each in theirs),
        *(reinstalling_call(each, image, owner) for each in own),
        *(imaging_call(each, recipient) for each in theirs),
        *(imaging_call(each, owner) for each in own),
        *[launching_call(image, recipient)] * 2,
        lambda: copying.copy(image=image, codes=[elsewhere.code], name="copy", by=owner),
        lambda: instances.release(instance=theirs[0], by=recipient),
    )

    assert set(Instance.objects.filter(owner=grant.recipient).made_from(image)) == set(seen)
    assert set(refusals(answers)) <= {locks.NoSuchImage, locks.NoSuchInstance}
    assert not ShareGrant.objects.exists()


def test_the_locks_do_not_depend_on_the_servers_default_isolation():
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
        with transaction.atomic():
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
    connection.close()


def test_a_recipient_who_launches_without_a_pause_cannot_keep_an_unshare_waiting(actor_for):
    """Ten threads launch until the unshare has returned: it is one of many that queue."""
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


def test_an_unshare_that_is_undone_twenty_times_at_once_is_undone_once(actor_for):
    grants = [ShareGrantFactory.create() for _ in range(3)]
    image = ImageFactory.create()
    by = actor_for(image.owner)
    recipients = [grant.recipient for grant in grants]
    sharing_call(image, recipients, by)()
    unshared = unshare(image, recipients, by)

    def restore():
        return restoring.restore(image=image, unshared=unshared, by=by)

    answers = at_once(*[restore] * 20)

    assert [type(answer) for answer in answers].count(restoring.AlreadyRestored) == 19
    assert image.grants.count() == 3


def test_the_last_place_of_a_recipient_is_not_given_to_a_share_and_an_undo(actor_for):
    recipient = AccountFactory.create(received_image_limit=1)
    taken, other = ImageFactory.create_batch(2)
    sharing_call(taken, [recipient], actor_for(taken.owner))()
    unshared = unshare(taken, [recipient], actor_for(taken.owner))

    answers = at_once(
        lambda: restoring.restore(image=taken, unshared=unshared, by=actor_for(taken.owner)),
        sharing_call(other, [recipient], actor_for(other.owner)),
    )

    assert sum(isinstance(answer, sharing.EntriesRefused) for answer in answers) == 1
    assert recipient.received_grants.count() == 1
