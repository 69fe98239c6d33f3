"""Images: BCC's API reference, "Image related interfaces"."""

from __future__ import annotations

from images import copying, instances, lifecycle, locks
from images.models import Image, ImageQuerySet

from . import errors, wire
from .endpoint import Call
from .idempotency import once
from .paging import page


def list_images(call: Call, query: wire.ImagesQuery) -> wire.ImagesAnswer:
    found = of_type(query.image_type, call).in_region(call.region)
    if query.image_name:
        found = found.filter(name__contains=query.image_name)
    rows, about = page(found, query, key="image_id")
    return wire.ImagesAnswer(
        images=[wire.image_model(image, call.account) for image in rows], **about
    )


def of_type(image_type: str, call: Call) -> ImageQuerySet:
    """The types of image that there are here; of the others, none."""
    images = Image.objects
    if image_type == "All":
        return images.visible_to(call.account)
    if image_type == "Custom":
        return images.owned_by(call.account)
    if image_type == "Sharing":
        return images.shared_with(call.account)
    return images.public().filter(type=image_type)


def show(call: Call, image_id: str) -> wire.ImageAnswer:
    image = call.image(image_id)
    recipients = image.grants.count() if image.owner_id == call.account.pk else None
    detail = wire.image_detail(image, call.account, recipients=recipients)
    return wire.ImageAnswer(image=detail)


@once
def create(call: Call, body: wire.CreateImage) -> wire.ImageIdAnswer:
    """An instance wins over a snapshot; there are no snapshots here, so that none is found."""
    if body.relate_cds or body.encrypt_key:
        raise errors.NotOffered(what="make images of data disks, or encrypt them")
    if not body.instance_id:
        if body.snapshot_id:
            raise locks.NoSuchInstance
        raise errors.BodyHasWrongFields(reason="instanceId: Field required")
    image = lifecycle.create_from(
        instance=call.instance(body.instance_id),
        name=body.image_name,
        desc="",
        by=call.actor,
    )
    return wire.ImageIdAnswer(image_id=image.image_id)


def delete(call: Call, image_id: str) -> None:
    lifecycle.delete(image=call.image(image_id), by=call.actor)


def rename(call: Call, body: wire.Rename) -> None:
    if not (ids := [*filter(None, [body.image_id]), *body.image_ids]):
        raise errors.BodyHasWrongFields(reason="imageId: Field required")
    with instances.all_or_none():
        for image_id in sorted(set(ids)):
            lifecycle.edit(image=call.image(image_id), name=body.name, desc=None, by=call.actor)


def remote_copy(call: Call, image_id: str, body: wire.RemoteCopy) -> wire.RemoteCopyAnswer:
    image = call.image(image_id)
    name = body.name or image.name
    copies = copying.copy(image=image, codes=body.dest_region, name=name, by=call.actor)
    return wire.RemoteCopyAnswer(
        result=[wire.Copy(region=each.region_id, image_id=each.image_id) for each in copies]
    )


def cancel_remote_copy(call: Call, image_id: str) -> None:
    copying.cancel(image=call.image(image_id), by=call.actor)


def list_os(call: Call, body: wire.InstanceIds) -> wire.OsAnswer:
    instances = call.instances(body.instance_ids)
    return wire.OsAnswer(os_info=[wire.os_model(instance) for instance in instances])


def import_image(call: Call) -> None:  # noqa: ARG001
    raise errors.NotOffered(what="import images: make them of instances")
