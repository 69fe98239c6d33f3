"""Images: BCC's API reference, "Image related interfaces"."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import audit, standby
from accounts.kept import Kept, Parameter
from images import copying, lifecycle, locks
from images.models import Image, ImageQuerySet

from . import errors, wire
from .dispatch import Call
from .idempotency import idempotent
from .paging import count_needed, cut


@standby.lists
def list_images(call: Call, query: wire.ImagesQuery) -> wire.ImagesAnswer:
    rows, page = cut(find_images(call, query), query, key="image_id")
    return wire.ImagesAnswer(
        images=[wire.to_image_model(image, call.account) for image in rows], **page
    )


def find_images(call: Call, query: wire.ImagesQuery) -> Iterable[Image]:
    """Return the images of a page, and the first of the next one."""
    kept, number = LISTS.get(query.image_type, list_public), count_needed(query)
    known = {
        "account": call.account.pk,
        "type": query.image_type,
        "region": call.region,
        "marker": query.marker,
    }
    values = {name: known[name] for name in kept.names}
    if not query.image_name:
        return kept.first(number, **values)
    return kept.build(**values).filter(name__contains=query.image_name)[:number]


def sort_for_pages(images: ImageQuerySet, region: Parameter, marker: Parameter) -> ImageQuerySet:
    """Return the images of a page and those after it, with what their wire model needs."""
    found = images.in_region(region).filter(image_id__gte=marker).order_by("image_id")
    return found.only(*wire.IMAGE_COLUMNS)


@Kept
def list_all(account: Parameter, region: Parameter, marker: Parameter) -> ImageQuerySet:
    return sort_for_pages(Image.objects.visible_to(account), region, marker)


@Kept
def list_custom(account: Parameter, region: Parameter, marker: Parameter) -> ImageQuerySet:
    return sort_for_pages(Image.objects.owned_by(account), region, marker)


@Kept
def list_shared(account: Parameter, region: Parameter, marker: Parameter) -> ImageQuerySet:
    return sort_for_pages(Image.objects.shared_with(account), region, marker)


@Kept
def list_public(type: Parameter, region: Parameter, marker: Parameter) -> ImageQuerySet:  # noqa: A002
    """Return the public images of a type. Types that do not exist here match nothing."""
    return sort_for_pages(Image.objects.public().filter(type=type), region, marker)


LISTS = {"All": list_all, "Custom": list_custom, "Sharing": list_shared}


def get_image(call: Call, image_id: str) -> wire.ImageAnswer:
    image = call.find_image(image_id)
    recipients = image.grants.count() if image.owner_id == call.account.pk else None
    detail = wire.to_image_detail(image, call.account, recipient_count=recipients)
    return wire.ImageAnswer(image=detail)


@idempotent
def create(call: Call, body: wire.CreateImage) -> wire.ImageIdAnswer:
    """Create a custom image from an instance.

    instanceId takes precedence over snapshotId. There are no snapshots here, so a snapshotId alone
    raises locks.NoSuchInstance.
    """
    if body.relate_cds or body.encrypt_key:
        raise errors.NotOffered(what="images of data disks or encrypted images")
    if not body.instance_id:
        if body.snapshot_id:
            raise locks.NoSuchInstance
        raise errors.BodyHasWrongFields(reason="instanceId: Field required")
    image = lifecycle.create_from(
        instance=call.find_instance(body.instance_id),
        name=body.image_name,
        desc="",
        by=call.actor,
    )
    return wire.ImageIdAnswer(image_id=image.image_id)


def delete(call: Call, image_id: str) -> None:
    lifecycle.delete(image=call.find_image(image_id), by=call.actor)


def rename(call: Call, body: wire.Rename) -> None:
    ids = [body.image_id] if body.image_id else []
    ids += body.image_ids
    if not ids:
        raise errors.BodyHasWrongFields(reason="imageId: Field required")
    with audit.all_or_none():
        for image_id in sorted(set(ids)):
            lifecycle.edit(
                image=call.find_image(image_id), name=body.name, desc=None, by=call.actor
            )


def copy_to_regions(call: Call, image_id: str, body: wire.RemoteCopy) -> wire.RemoteCopyAnswer:
    image = call.find_image(image_id)
    name = body.name or image.name
    copies = copying.copy(image=image, codes=body.dest_region, name=name, by=call.actor)
    return wire.RemoteCopyAnswer(
        result=[wire.Copy(region=copy.region_id, image_id=copy.image_id) for copy in copies]
    )


def cancel_copy(call: Call, image_id: str) -> None:
    copying.cancel(image=call.find_image(image_id), by=call.actor)


def list_os(call: Call, body: wire.InstanceIds) -> wire.OsAnswer:
    instances = call.find_instances(body.instance_ids)
    return wire.OsAnswer(os_info=[wire.to_os_model(instance) for instance in instances])


def import_image(call: Call) -> None:  # noqa: ARG001
    raise errors.NotOffered(what="image import")
