"""Starting, stopping, rebooting and releasing instances."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AuditEvent, Role
from images import instances, locks, rules
from images.models import Instance, count_by_owner

from ..factories import (
    ImageFactory,
    InstanceFactory,
)
from .verbs import (
    NOON,
    create_image,
    launch,
    reboot,
    reinstall_from_own_image,
    release,
    start,
    stop,
    stored,
)

pytestmark = pytest.mark.django_db

BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
OPERATOR = Actor(account=None, name="operator", role=Role.ADMIN, channel=Channel.ADMIN)
VERBS = [start, stop, reboot, release, reinstall_from_own_image, create_image]
every_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)


def test_a_stopped_instance_starts(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account, stopped=True)

    assert start(instance, actor_for(account)).status == "Starting"
    clock.shift(49)
    assert Instance.objects.get().status == "Starting"
    clock.shift(1)
    assert Instance.objects.get().status == "Running"


def test_a_running_instance_stops(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account)

    assert stop(instance, actor_for(account)).status == "Stopping"
    clock.shift(29)
    assert Instance.objects.get().status == "Stopping"
    clock.shift(1)
    assert Instance.objects.get().status == "Stopped"


def test_a_running_instance_reboots(actor_for, account, clock):
    instance = InstanceFactory.create(owner=account)

    assert reboot(instance, actor_for(account)).status == "Starting"
    clock.shift(49)
    assert Instance.objects.get().status == "Starting"
    clock.shift(1)
    assert Instance.objects.get().status == "Running"


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ({}, rules.InstanceNotStopped),
        ({"starting": True}, rules.InstanceNotStopped),
        ({"stopping": True}, rules.InstanceNotStopped),
        ({"image_processing": True}, rules.InstanceNotStopped),
        ({"image_processing": True, "stopped": True}, rules.InstanceNotStopped),
        ({"expired": True}, rules.InstanceHasExpired),
        ({"expired": True, "stopped": True}, rules.InstanceHasExpired),
    ],
)
def test_only_stopped_instances_can_be_started(actor_for, account, state, refusal):
    instance = InstanceFactory.create(owner=account, **state)
    before = stored()

    with pytest.raises(refusal):
        start(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("verb", [stop, reboot])
@pytest.mark.parametrize(
    "state", ["starting", "stopping", "stopped", "image_processing", "expired"]
)
def test_only_running_instances_can_be_stopped_or_rebooted(actor_for, account, verb, state):
    instance = InstanceFactory.create(owner=account, **{state: True})
    before = stored()

    with pytest.raises(rules.InstanceNotRunning):
        verb(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("state", [{}, *({s: True} for s in ("starting", "stopping", "stopped"))])
def test_a_released_instance_is_hidden_but_stays_in_the_database(actor_for, account, clock, state):
    instance = InstanceFactory.create(owner=account, created_at=BEFORE, **state)
    other = InstanceFactory.create(owner=account)
    clock.shift(60)

    release(instance, actor_for(account))

    assert list(Instance.objects.live()) == [other]
    assert list(Instance.objects.owned_by(account)) == [other]
    counted = count_by_owner(image_id=other.image_id, owners=[account.pk])
    assert dict(counted) == {account.pk: 1}
    assert Instance.objects.get(pk=instance.pk).released_at == NOON + timedelta(seconds=60)


@every_verb
def test_a_released_instance_cannot_be_changed(actor_for, account, verb):
    instance = InstanceFactory.create(owner=account, stopped=verb is start)
    release(instance, actor_for(account))
    before = stored()

    with pytest.raises(locks.NoSuchInstance):
        verb(instance, actor_for(account))

    assert stored() == before


def test_an_instance_cannot_be_changed_while_it_is_being_created(actor_for, account, clock):
    by = actor_for(account)
    (instance,) = launch(ImageFactory.create(owner=account), by)
    clock.shift(49)
    before = stored()

    with pytest.raises(rules.InstanceIsBeingCreated):
        release(instance, by)
    with pytest.raises(rules.InstanceIsBeingCreated):
        start(instance, by)
    with pytest.raises(rules.InstanceNotRunning):
        stop(instance, by)
    with pytest.raises(rules.InstanceNotRunning):
        reboot(instance, by)
    with pytest.raises(rules.InstanceNotSettled):
        create_image(instance, by)
    with pytest.raises(rules.InstanceNotSettled):
        reinstall_from_own_image(instance, by)
    assert stored() == before

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


def test_an_instance_cannot_be_released_while_its_image_is_being_created(actor_for, account, clock):
    by = actor_for(account)
    instance = InstanceFactory.create(owner=account, created_at=BEFORE)
    create_image(instance, by)
    clock.shift(149)

    with pytest.raises(rules.InstanceIsBeingImaged):
        release(instance, by)
    assert Instance.objects.live().exists()

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


def test_a_prepaid_instance_can_be_released_after_it_expires(actor_for, account, clock):
    by = actor_for(account)
    instance = InstanceFactory.create(owner=account, expires_at=AFTER)

    with pytest.raises(rules.InstanceIsPrepaid):
        release(instance, by)
    assert Instance.objects.live().exists()

    clock.shift(1)
    release(instance, by)
    assert not Instance.objects.live().exists()


@every_verb
def test_an_instance_of_another_account_cannot_be_changed(actor_for, account, verb):
    instance = InstanceFactory.create(stopped=verb is start)
    before = stored()

    with pytest.raises(rules.NotOwnInstance):
        verb(instance, actor_for(account))

    assert stored() == before


@pytest.mark.parametrize("by", [SYSTEM, OPERATOR], ids=["system", "admin"])
def test_an_operator_can_start_stop_reboot_and_release(by):
    instance = InstanceFactory.create(stopped=True)

    for verb, status in ((start, "Running"), (reboot, "Running"), (stop, "Stopped")):
        verb(instance, by)
        assert Instance.objects.get().status == status
    release(instance, by)

    assert not Instance.objects.live().exists()


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (start, "instance.started"),
        (stop, "instance.stopped"),
        (reboot, "instance.rebooted"),
        (release, "instance.released"),
    ],
)
def test_each_change_of_an_instance_is_recorded(actor_for, account, verb, expected):
    instance = InstanceFactory.create(owner=account, stopped=verb is start)

    verb(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_type, event.target_id) == (
        expected,
        "done",
        "instance",
        instance.instance_id,
    )
    assert event.accounts == [account.account_id]


def test_a_refused_change_is_recorded_with_its_reason(actor_for, account):
    instance = InstanceFactory.create(owner=account, stopped=True)

    with pytest.raises(rules.InstanceNotRunning):
        stop(instance, actor_for(account))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason, event.target_id) == (
        "instance.stopped",
        "refused",
        "instance-not-running",
        instance.instance_id,
    )


def test_an_expired_instance_can_be_released_while_it_is_stopping(actor_for, account):
    instance = InstanceFactory.create(owner=account, expired=True, stopping=True)

    instances.release(instance=instance, by=actor_for(account))

    assert not Instance.objects.owned_by(account).exists()
