"""Images: BCC's API reference, "Image related interfaces"."""

from __future__ import annotations

from accounts import audit, standby
from images import copying, lifecycle, locks
from images.models import Image, ImageQuerySet

from . import errors, wire
from .dispatch import Call
from .idempotency import idempotent
from .paging import paginate


@standby.lists
def list_images(call: Call, query: wire.ImagesQuery) -> wire.ImagesAnswer:
    images = filter_by_type(query.image_type, call).in_region(call.region)
    if query.image_name:
        images = images.filter(name__contains=query.image_name)
    rows, page = paginate(images, query, key="image_id")
    return wire.ImagesAnswer(
        images=[wire.to_image_model(image, call.account) for image in rows], **page
    )


def filter_by_type(image_type: str, call: Call) -> ImageQuerySet:
    """Return the visible images of a type. Types that do not exist here match nothing."""
    images = Image.objects
    if image_type == "All":
        return images.visible_to(call.account)
    if image_type == "Custom":
        return images.owned_by(call.account)
    if image_type == "Sharing":
        return images.shared_with(call.account)
    return images.public().filter(type=image_type)


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
