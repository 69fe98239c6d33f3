"""Create, edit and delete images."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from accounts import audit
from accounts.actors import Actor
from accounts.exceptions import refuse_if

from . import locks, quotas, rules
from .models import Image, Instance
from .models.settling import PASSING_FIELDS


@audit.audited(audit.Verb.CREATE_IMAGE)
def create(*, draft: Image, by: Actor) -> Image:
    """Save `draft`, a new image, if its owner has room in its region.

    Raises a refusal of rules.against_creating or quotas.CustomImageQuotaExceeded.
    """
    refuse_if(rules.against_creating(draft, by))
    if draft.owner:
        quotas.check_custom_image_quota(owner=draft.owner, regions=[draft.region])
    draft.save(force_insert=True)
    audit.record(by, audit.Verb.CREATE_IMAGE, target=draft.full_audit_target)
    return draft


@audit.audited(audit.Verb.CREATE_IMAGE)
def create_from(*, instance: Instance, name: str, desc: str, by: Actor) -> Image:
    """Create a custom image from an instance's system disk. It counts toward the limit at once.

    Raises locks.NoSuchInstance, a refusal of rules.against_imaging or rules.against_naming, or
    quotas.CustomImageQuotaExceeded. BCC: "Create a custom image".
    """
    instance = locks.lock_instance(instance)
    refuse_if(rules.against_imaging(instance, by))
    refuse_if(rules.against_naming(name=name, desc=desc))
    quotas.check_custom_image_quota(owner=instance.owner, regions=[instance.region])
    image = Image(
        region_id=instance.region_id,
        owner=instance.owner,
        type=Image.Type.CUSTOM,
        name=name,
        desc=desc,
        size_gb=instance.system_disk_gb,
        min_disk_gb=instance.system_disk_gb,
        source=instance.instance_id,
        **instance.system,
    )
    lasting = timedelta(seconds=settings.IMAGE_CREATE_SECONDS)
    image.pass_through(Image.Status.CREATING, to=Image.Status.AVAILABLE, lasting=lasting)
    image.save(force_insert=True)
    processing = Instance.Status.IMAGE_PROCESSING
    instance.pass_through(processing, to=instance.settled_status, lasting=lasting)
    instance.save(update_fields=PASSING_FIELDS)
    audit.record(by, audit.Verb.CREATE_IMAGE, target=image.full_audit_target)
    return image


@audit.audited(audit.Verb.EDIT_IMAGE)
def edit(*, image: Image, name: str, desc: str | None, by: Actor) -> Image:
    """Change the name and description of a custom image. `desc` None keeps the description.

    Raises locks.NoSuchImage and a refusal of rules.against_editing or rules.against_naming.
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_editing(image, by))
    desc = image.desc if desc is None else desc
    refuse_if(rules.against_naming(name=name, desc=desc))
    before = {"name": image.name, "desc": image.desc}
    image.name, image.desc = name, desc
    image.save(update_fields=["name", "desc"])
    after = {"name": name, "desc": desc}
    audit.record(by, audit.Verb.EDIT_IMAGE, target=image.audit_target, before=before, after=after)
    return image


@audit.audited(audit.Verb.DELETE_IMAGE)
def delete(*, image: Image, by: Actor) -> None:
    """Delete an image that is shared with nobody. This can't be undone.

    Raises locks.NoSuchImage and a refusal of rules.against_deleting.
    BCC: "Delete a custom image".
    """
    image = locks.lock_image(image)
    refuse_if(rules.against_deleting(image, by, recipient_count=image.grants.count()))
    target = image.full_audit_target
    image.delete()
    audit.record(by, audit.Verb.DELETE_IMAGE, target=target)


def delete_all(*, images: Collection[Image], by: Actor) -> None:
    """Delete all of these images or none. Raises what `delete` raises, for the first refused."""
    with audit.all_or_none():
        for image in sorted(images, key=lambda image: image.pk):  # so that nothing deadlocks
            delete(image=image, by=by)
