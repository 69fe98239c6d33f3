"""Create instances from images, and change them.

Passwords are validated and not stored, because no machine boots that would need one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.closed import against_closed
from accounts.exceptions import refuse_if
from accounts.models import Account

from . import locks, quotas, rules
from .models import Image, Instance
from .models.disks import SYSTEM_FIELDS
from .models.regions import get_zones
from .models.settling import PASSING_FIELDS
from .specs import Spec

Status = Instance.Status
Verb = audit.Verb


def number_names(name: str, count: int) -> list[str]:
    """Return the names of `count` instances that are created together."""
    return [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]


def get_used_image(arguments: Mapping[str, Any]) -> audit.Target:
    """Return the image of a refused request, without its owner, who must not see the request."""
    target: audit.Target = arguments["image"].audit_target
    return replace(target, owner=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The attributes of new instances, except their image."""

    spec: Spec
    names: Sequence[str]
    # None keeps the image's login.
    password: str | None
    # None means the image's minimum.
    system_disk_gb: int | None = None
    # Empty means the region's first zone.
    zone_name: str = ""
    # None means pay-per-use.
    expires_at: datetime | None = None

    def get_disk_gb(self, image: Image) -> int:
        return image.min_disk_gb if self.system_disk_gb is None else self.system_disk_gb


def require_account(by: Actor) -> Account:
    """Return the account of the actor. Raises rules.NotOwnInstance if there is none."""
    if by.account is None:
        raise rules.NotOwnInstance
    return by.account


@audit.audited(Verb.CREATE_INSTANCE, about=get_used_image)
def create(*, image: Image, order: Order, by: Actor) -> list[Instance]:
    """Create an instance for every name in `order`, or none.

    Raises locks.NoSuchImage, accounts.closed.AccountIsClosed, and a refusal of rules.against_batch,
    rules.against_using, quotas.against_more_instances, rules.against_login, rules.against_disk or
    rules.against_zone.
    BCC: "Create an instance".
    """
    owner = require_account(by)
    image = locks.hold_image(image, account=owner)
    (owner,) = locks.lock_accounts([owner])
    refuse_if(against_closed(owner))
    refuse_if(rules.against_using(image, by))
    refuse_if(rules.against_batch(order.names))
    refuse_if(quotas.against_more_instances(owner, len(order.names)))
    refuse_if(rules.against_login(image, owner, order.password))
    refuse_if(rules.against_disk(image, order.get_disk_gb(image)))
    refuse_if(rules.against_zone(image.region_id, order.zone_name))
    now = timezone.now()
    instances = [build(name, order, image, owner, since=now) for name in order.names]
    Instance.objects.bulk_create(instances)
    targets = [instance.full_audit_target for instance in instances]
    audit.record_each(by, Verb.CREATE_INSTANCE, targets)
    return instances


def build(name: str, order: Order, image: Image, owner: Account, *, since: datetime) -> Instance:
    instance = Instance(
        region_id=image.region_id,
        zone_name=order.zone_name or get_zones(image.region_id)[0],
        owner=owner,
        name=name,
        spec=order.spec.name,
        cpu_count=order.spec.cpu_count,
        memory_gb=order.spec.memory_gb,
        system_disk_gb=order.get_disk_gb(image),
        created_at=since,
        expires_at=order.expires_at,
    )
    install(instance, image, owner, order.password, since=since)
    return instance


@audit.audited(Verb.REINSTALL)
def reinstall(*, instance: Instance, image: Image, password: str | None, by: Actor) -> Instance:
    """Replace the instance's system disk with `image`. All data on it is lost.

    Raises locks.NoSuchImage, locks.NoSuchInstance, and a refusal of rules.against_reinstalling,
    rules.against_using, rules.against_login or rules.against_disk.
    BCC: "Reinstall an instance".
    """
    refuse_if(rules.against_operating(instance, by, Verb.REINSTALL))
    owner = instance.owner
    image = locks.hold_image(image, account=owner)
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_reinstalling(instance, by))
    if image.region_id != instance.region_id:
        raise locks.NoSuchImage
    refuse_if(rules.against_using(image, by))
    refuse_if(rules.against_login(image, owner, password))
    refuse_if(rules.against_disk(image, instance.system_disk_gb))
    before = instance.image_id
    install(instance, image, owner, password, since=timezone.now())
    instance.save(update_fields=[*PASSING_FIELDS, *IMAGE_FIELDS])
    target = instance.audit_target
    facts: dict[str, Any] = {"before": before, "image": image.image_id}
    facts["keepsImageLogin"] = instance.keeps_image_login
    audit.record(by, Verb.REINSTALL, target=target, **facts)
    return instance


IMAGE_FIELDS = ("image_id", "image_name", "image_type", "keeps_image_login", *SYSTEM_FIELDS)


def install(
    instance: Instance, image: Image, owner: Account, password: str | None, *, since: datetime
) -> None:
    """Copy the image's attributes to the instance and start it."""
    instance.image_id = image.image_id
    instance.image_name = image.name
    instance.image_type = image.type_for(owner)
    instance.keeps_image_login = password is None
    for field, value in image.system.items():
        setattr(instance, field, value)
    lasting = get_start_duration()
    instance.pass_through(Status.STARTING, to=Status.RUNNING, lasting=lasting, since=since)


@audit.audited(Verb.START)
def start(*, instance: Instance, by: Actor) -> Instance:
    """Start a stopped instance.

    Raises locks.NoSuchInstance and a refusal of rules.against_starting.
    """
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_starting(instance, by))
    before = instance.status
    instance.pass_through(Status.STARTING, to=Status.RUNNING, lasting=get_start_duration())
    return save(instance, Verb.START, by, before)


@audit.audited(Verb.STOP)
def stop(*, instance: Instance, by: Actor) -> Instance:
    """Stop a running instance.

    Raises locks.NoSuchInstance and a refusal of rules.against_stopping.
    """
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_stopping(instance, by))
    before = instance.status
    lasting = timedelta(seconds=settings.INSTANCE_STOP_SECONDS)
    instance.pass_through(Status.STOPPING, to=Status.STOPPED, lasting=lasting)
    return save(instance, Verb.STOP, by, before)


@audit.audited(Verb.REBOOT)
def reboot(*, instance: Instance, by: Actor) -> Instance:
    """Restart a running instance.

    Raises locks.NoSuchInstance and a refusal of rules.against_stopping.
    """
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_stopping(instance, by))
    before = instance.status
    instance.pass_through(Status.STARTING, to=Status.RUNNING, lasting=get_start_duration())
    return save(instance, Verb.REBOOT, by, before)


@audit.audited(Verb.RELEASE)
def release(*, instance: Instance, by: Actor) -> Instance:
    """Release the instance. Its row is kept as a record.

    Raises locks.NoSuchInstance and a refusal of rules.against_releasing.
    """
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_releasing(instance, by))
    target = instance.full_audit_target
    instance.released_at = timezone.now()
    instance.save(update_fields=["released_at"])
    audit.record(by, Verb.RELEASE, target=target)
    return instance


def get_start_duration() -> timedelta:
    return timedelta(seconds=settings.INSTANCE_START_SECONDS)


def save(instance: Instance, verb: audit.Verb, by: Actor, before: str) -> Instance:
    """Save the new status, and record it with the one before."""
    instance.save(update_fields=PASSING_FIELDS)
    after = instance.settled_status
    audit.record(by, verb, target=instance.audit_target, before=before, after=after)
    return instance
