"""Instances: BCC's API reference, "Instance related interfaces"."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts import audit, keys, standby
from images import instances, rules, specs
from images.models import Instance, InstanceQuerySet
from images.specs import Spec

from . import errors, passwords, wire
from .dispatch import Call
from .idempotency import idempotent
from .paging import paginate


@idempotent
def create(call: Call, body: wire.CreateInstance) -> wire.InstanceIdsAnswer:
    """Create instances.

    Handles BCC's "Create an instance" and "… by spec". Their bodies differ in how they give the
    size.
    """
    image = call.find_image(body.image_id)
    order = instances.Order(
        spec=get_spec(body),
        names=build_names(body),
        password=get_password(body, call, default=passwords.generate()),
        system_disk_gb=body.root_disk_size_in_gb or None,
        zone_name=body.zone_name,
        expires_at=get_expiry(body.billing),
    )
    created = instances.create(image=image, order=order, by=call.actor)
    return wire.InstanceIdsAnswer(instance_ids=[instance.instance_id for instance in created])


def get_spec(body: wire.CreateInstance) -> Spec:
    if body.spec:
        return specs.parse_spec(body.spec)
    return specs.get_general_spec(body.cpu_count, body.memory_capacity_in_gb)


def build_names(body: wire.CreateInstance) -> list[str]:
    """Return the given name or a random one, the same for all unless autoSeqSuffix is set."""
    name = body.name or f"instance-{secrets.token_hex(4)}"
    # One over the limit is enough for a refusal.
    count = min(body.purchase_count, rules.MAX_BATCH + 1)
    return instances.number_names(name, count) if body.auto_seq_suffix else [name] * count


MONTHS = {"month": 1, "year": 12}


def get_expiry(billing: wire.Billing) -> datetime | None:
    if billing.payment_timing != "Prepaid":
        return None
    months = MONTHS[billing.reservation.reservation_time_unit.lower()]
    return timezone.now() + timedelta(days=30 * months * billing.reservation.reservation_length)


def get_password(body: wire.Login, call: Call, *, default: str | None = None) -> str | None:
    """Return the password in the body, or None to keep the image's login.

    `default` replaces a missing password. Raises errors.BodyHasWrongFields.
    """
    if body.admin_pass and (body.keep_image_login or body.keypair_id):
        raise errors.BodyHasWrongFields(
            reason="adminPass: use only one of adminPass, keypairId and keepImageLogin"
        )
    if body.keypair_id:
        raise errors.BodyHasWrongFields(reason="keypairId: key pairs are not supported")
    if body.keep_image_login:
        return None
    if body.admin_pass:
        return passwords.decrypt(body.admin_pass, keys.decrypt_secret(call.key))
    if default is None:
        raise errors.BodyHasWrongFields(reason="adminPass: Field required")
    return default


@standby.lists
def list_instances(call: Call, query: wire.InstancesQuery) -> wire.InstancesAnswer:
    return paginate_instances(apply_filters(get_own_instances(call), query), query)


@standby.lists
def list_by_ids(call: Call, query: wire.Page, body: wire.InstanceIds) -> wire.InstancesAnswer:
    own = get_own_instances(call)
    return paginate_instances(own.filter(instance_id__in=body.instance_ids), query)


def get_own_instances(call: Call) -> InstanceQuerySet:
    return Instance.objects.owned_by(call.account).in_region(call.region)


def paginate_instances(queryset: InstanceQuerySet, query: wire.Page) -> wire.InstancesAnswer:
    rows, page = paginate(queryset, query, key="instance_id")
    return wire.InstancesAnswer(instances=[wire.to_instance_model(row) for row in rows], **page)


def apply_filters(queryset: InstanceQuerySet, query: wire.InstancesQuery) -> InstanceQuerySet:
    if query.matches_nothing:
        return queryset.none()
    if query.instance_ids:
        queryset = queryset.filter(instance_id__in=split_list(query.instance_ids))
    if query.instance_names:
        queryset = queryset.filter(name__in=split_list(query.instance_names))
    if query.fuzzy_instance_name:
        queryset = queryset.filter(name__contains=query.fuzzy_instance_name)
    if query.zone_name:
        queryset = queryset.filter(zone_name__in=split_list(query.zone_name))
    if query.payment_timing:
        timings = split_list(query.payment_timing)
        postpaid = Q(expires_at=None) if "Postpaid" in timings else Q(pk=None)
        prepaid = ~Q(expires_at=None) if "Prepaid" in timings else Q(pk=None)
        queryset = queryset.filter(postpaid | prepaid)
    if query.status:
        queryset = queryset.in_status(*split_list(query.status))
    if query.internal_ip:
        queryset = queryset.with_address(split_list(query.internal_ip))
    return queryset


def split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def get_instance(call: Call, instance_id: str) -> wire.InstanceAnswer:
    return wire.InstanceAnswer(instance=wire.to_instance_model(call.find_instance(instance_id)))


def start(call: Call, instance_id: str) -> None:
    instances.start(instance=call.find_instance(instance_id), by=call.actor)


def stop(call: Call, instance_id: str) -> None:
    instances.stop(instance=call.find_instance(instance_id), by=call.actor)


def reboot(call: Call, instance_id: str) -> None:
    instances.reboot(instance=call.find_instance(instance_id), by=call.actor)


def release(call: Call, instance_id: str) -> None:
    instances.release(instance=call.find_instance(instance_id), by=call.actor)


def rebuild(call: Call, instance_id: str, body: wire.Rebuild) -> None:
    instances.reinstall(
        instance=call.find_instance(instance_id),
        image=call.find_image(body.image_id),
        password=get_password(body, call),
        by=call.actor,
    )


@idempotent
def rebuild_all(call: Call, body: wire.BatchRebuild) -> wire.Nothing:
    image, password = call.find_image(body.image_id), get_password(body, call)
    with audit.all_or_none():
        for instance in call.find_instances(body.instance_ids):
            instances.reinstall(instance=instance, image=image, password=password, by=call.actor)
    return wire.Nothing()


@idempotent
def start_all(call: Call, body: wire.Batch) -> wire.Nothing:
    with audit.all_or_none():
        for instance in call.find_instances(body.instance_ids):
            instances.start(instance=instance, by=call.actor)
    return wire.Nothing()


@idempotent
def stop_all(call: Call, body: wire.Batch) -> wire.Nothing:
    with audit.all_or_none():
        for instance in call.find_instances(body.instance_ids):
            instances.stop(instance=instance, by=call.actor)
    return wire.Nothing()
