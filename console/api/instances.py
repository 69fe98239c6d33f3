"""Instances: BCC's API reference, "Instance related interfaces"."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts import keys
from images import instances, rules, specs
from images.models import Instance, InstanceQuerySet
from images.specs import Spec

from . import errors, passwords, wire
from .endpoint import Call
from .idempotency import once
from .paging import page


@once
def create(call: Call, body: wire.CreateInstance) -> wire.InstanceIdsAnswer:
    """BCC's "Create an instance" and "… by spec", whose bodies differ in how the size is said."""
    image = call.image(body.image_id)
    order = instances.Order(
        spec=spec_of(body),
        names=names_of(body),
        password=password_of(body, call, default=passwords.random_one()),
        system_disk_gb=body.root_disk_size_in_gb or None,
        zone_name=body.zone_name,
        expires_at=paid_until(body.billing),
    )
    made = instances.create(image=image, order=order, by=call.actor)
    return wire.InstanceIdsAnswer(instance_ids=[instance.instance_id for instance in made])


def spec_of(body: wire.CreateInstance) -> Spec:
    if body.spec:
        return specs.named(body.spec)
    return specs.sized(body.cpu_count, body.memory_capacity_in_gb)


def names_of(body: wire.CreateInstance) -> list[str]:
    """As BCC does it: the same name for all unless they are to be numbered, or one of its own."""
    name = body.name or f"instance-{secrets.token_hex(4)}"
    count = min(body.purchase_count, rules.MAX_BATCH + 1)  # one too many is refused as a million
    return instances.numbered(name, count) if body.auto_seq_suffix else [name] * count


MONTHS = {"month": 1, "year": 12}


def paid_until(billing: wire.Billing) -> datetime | None:
    if billing.payment_timing != "Prepaid":
        return None
    months = MONTHS[billing.reservation.reservation_time_unit.lower()]
    return timezone.now() + timedelta(days=30 * months * billing.reservation.reservation_length)


def password_of(body: wire.Login, call: Call, *, default: str | None = None) -> str | None:
    """The password that was sent, or None to keep the image's login."""
    if body.admin_pass and (body.keep_image_login or body.keypair_id):
        raise errors.BodyHasWrongFields(reason="adminPass: name one way to sign in")
    if body.keypair_id:
        raise errors.BodyHasWrongFields(reason="keypairId: there are no key pairs here")
    if body.keep_image_login:
        return None
    if body.admin_pass:
        return passwords.in_clear(body.admin_pass, keys.secret_of(call.key))
    if default is None:
        raise errors.BodyHasWrongFields(reason="adminPass: Field required")
    return default


def list_instances(call: Call, query: wire.InstancesQuery) -> wire.InstancesAnswer:
    found = filtered(own(call), query)
    return listed(found, query)


def list_by_ids(call: Call, query: wire.Page, body: wire.InstanceIds) -> wire.InstancesAnswer:
    return listed(own(call).filter(instance_id__in=body.instance_ids), query)


def own(call: Call) -> InstanceQuerySet:
    return Instance.objects.owned_by(call.account).in_region(call.region)


def listed(found: InstanceQuerySet, query: wire.Page) -> wire.InstancesAnswer:
    rows, about = page(found, query, key="instance_id")
    return wire.InstancesAnswer(instances=[wire.instance_model(row) for row in rows], **about)


def filtered(found: InstanceQuerySet, query: wire.InstancesQuery) -> InstanceQuerySet:
    if query.asks_for_what_nothing_has:
        return found.none()
    if query.instance_ids:
        found = found.filter(instance_id__in=split(query.instance_ids))
    if query.instance_names:
        found = found.filter(name__in=split(query.instance_names))
    if query.fuzzy_instance_name:
        found = found.filter(name__contains=query.fuzzy_instance_name)
    if query.zone_name:
        found = found.filter(zone_name__in=split(query.zone_name))
    if query.payment_timing:
        timings = split(query.payment_timing)
        postpaid = Q(expires_at=None) if "Postpaid" in timings else Q(pk=None)
        prepaid = ~Q(expires_at=None) if "Prepaid" in timings else Q(pk=None)
        found = found.filter(postpaid | prepaid)
    if query.status:
        found = found.in_status(*split(query.status))
    if query.internal_ip:
        found = found.with_address(split(query.internal_ip))
    return found


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def show(call: Call, instance_id: str) -> wire.InstanceAnswer:
    return wire.InstanceAnswer(instance=wire.instance_model(call.instance(instance_id)))


def start(call: Call, instance_id: str) -> None:
    instances.start(instance=call.instance(instance_id), by=call.actor)


def stop(call: Call, instance_id: str) -> None:
    instances.stop(instance=call.instance(instance_id), by=call.actor)


def reboot(call: Call, instance_id: str) -> None:
    instances.reboot(instance=call.instance(instance_id), by=call.actor)


def release(call: Call, instance_id: str) -> None:
    instances.release(instance=call.instance(instance_id), by=call.actor)


def rebuild(call: Call, instance_id: str, body: wire.Rebuild) -> None:
    instances.reinstall(
        instance=call.instance(instance_id),
        image=call.image(body.image_id),
        password=password_of(body, call),
        by=call.actor,
    )


@once
def rebuild_all(call: Call, body: wire.BatchRebuild) -> wire.Nothing:
    image, password = call.image(body.image_id), password_of(body, call)
    with instances.all_or_none():
        for instance in call.instances(body.instance_ids):
            instances.reinstall(instance=instance, image=image, password=password, by=call.actor)
    return wire.Nothing()


@once
def start_all(call: Call, body: wire.Batch) -> wire.Nothing:
    with instances.all_or_none():
        for instance in call.instances(body.instance_ids):
            instances.start(instance=instance, by=call.actor)
    return wire.Nothing()


@once
def stop_all(call: Call, body: wire.Batch) -> wire.Nothing:
    with instances.all_or_none():
        for instance in call.instances(body.instance_ids):
            instances.stop(instance=instance, by=call.actor)
    return wire.Nothing()
