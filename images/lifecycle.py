"""Making, editing and deleting images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import audit

from . import quotas, rules

if TYPE_CHECKING:
    from accounts.actors import Actor

    from .models import Image


@audit.audited(audit.Verb.CREATE_IMAGE)
def create(*, draft: Image, by: Actor) -> Image:
    """Save `draft`, an image not yet stored, if its owner has room in its region.

    Images in every status count, those being made included.
    Raises a refusal of rules.against_creating or quotas.CustomImageQuotaExceeded.
    """
    rules.require(rules.against_creating(draft, by))
    if draft.owner:
        quotas.require_room_for_custom_image(owner=draft.owner, region=draft.region)
    draft.save(force_insert=True)
    audit.record(by, audit.Verb.CREATE_IMAGE, target=draft.audit_target)
    return draft


@audit.audited(audit.Verb.EDIT_IMAGE)
def edit(*, image: Image, name: str, desc: str, by: Actor) -> Image:
    """Rename and describe an own custom image.

    Raises quotas.NoSuchImage and a refusal of rules.against_managing or rules.against_naming.
    """
    image = quotas.lock_image(image)
    rules.require(rules.against_managing(image, by))
    rules.require(rules.against_naming(name=name, desc=desc))
    before = {"name": image.name, "desc": image.desc}
    image.name, image.desc = name, desc
    image.save(update_fields=["name", "desc"])
    after = {"name": name, "desc": desc}
    audit.record(by, audit.Verb.EDIT_IMAGE, target=image.audit_target, before=before, after=after)
    return image


@audit.audited(audit.Verb.DELETE_IMAGE)
def delete(*, image: Image, by: Actor) -> None:
    """Delete an own custom image for good, once it is shared with nobody.

    Raises quotas.NoSuchImage and a refusal of rules.against_deleting.
    BCC: "Delete a custom image".
    """
    image = quotas.lock_image(image)
    rules.require(rules.against_deleting(image, by, recipients=image.grants.count()))
    target = image.audit_target
    image.delete()
    audit.record(by, audit.Verb.DELETE_IMAGE, target=target)
