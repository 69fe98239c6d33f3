"""What an actor may not do to an image or an instance, and why.

Each function answers the refusal that the verb would raise, or None. Verbs ask under their locks;
pages ask to disable a button with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.actors import Actor
from accounts.exceptions import Refused
from accounts.exceptions import require as require  # noqa: PLC0414 - rules are required here
from accounts.models import Account

from .models import DESC_LENGTH, NAME_PATTERN, NAME_RULE, Image, Instance
from .models.regions import zones

# BCC, "Create an instance": adminPass
LOGIN_SYMBOLS = "!@#$%^*()"
LOGIN_PATTERN = r"[A-Za-z0-9!@#$%^*()]{8,16}"
LOGIN_RULE = _(
    "8 to 16 characters, among them a letter, a digit and one of ! @ # $ % ^ * ( ), "
    "and nothing else."
)
SETTLED = {Instance.Status.RUNNING, Instance.Status.STOPPED}
LARGEST_DISK_GB = 2048
NAME_LENGTH = 65
MAX_BATCH = 20


class NotCustomImage(Refused):
    code = "not-custom-image"
    sentence = _("Only custom images can be shared, copied, changed or deleted.")


class NotOwnImage(Refused):
    code = "not-own-image"
    sentence = _("Only its owner can share, unshare, copy, change or delete this image.")


class ImageNotAvailable(Refused):
    code = "image-not-available"
    sentence = _("Only an available image can be shared, copied or used.")


class ImageIsBeingCreated(Refused):
    code = "image-is-being-created"
    sentence = _("An image that is being created cannot be deleted.")


class ImageIsBeingCopied(Refused):
    code = "image-is-being-copied"
    sentence = _("An image that is being copied cannot be deleted. Cancel the copy instead.")


class ImageIsNotBeingCopied(Refused):
    code = "image-is-not-being-copied"
    sentence = _("This image is not being copied any more.")


class SameRegion(Refused):
    code = "same-region"
    sentence = _("Choose regions other than %(region)s, where the image is.")


class NoRegions(Refused):
    code = "no-regions"
    sentence = _("Choose at least one region.")


class ImageIsShared(Refused):
    code = "image-is-shared"
    sentence = ngettext_lazy(
        "Shared with %(recipients)d account. Unshare it first.",
        "Shared with %(recipients)d accounts. Unshare it first.",
        "recipients",
    )


class ImageIsNotShared(Refused):
    code = "image-is-not-shared"
    sentence = _("This image is shared with nobody.")


class InvalidName(Refused):
    code = "invalid-name"
    sentence = NAME_RULE


class NumberedNameTooLong(Refused):
    code = "numbered-name-too-long"
    sentence = _("With its number behind it, the name has more than 65 characters.")


class DescriptionTooLong(Refused):
    code = "description-too-long"
    sentence = _("A description has at most %(limit)d characters.")


class NotOwnInstance(Refused):
    code = "not-own-instance"
    sentence = _("Only its owner can do this with an instance.")


class InstanceIsBeingCreated(Refused):
    code = "instance-is-being-created"
    sentence = _("This instance is still being created.")


class InstanceNotStopped(Refused):
    code = "instance-not-stopped"
    sentence = _("Only a stopped instance can be started.")


class InstanceNotRunning(Refused):
    code = "instance-not-running"
    sentence = _("Only a running instance can be stopped or rebooted.")


class InstanceNotSettled(Refused):
    code = "instance-not-settled"
    sentence = _("Only a running or stopped instance can be reinstalled or made an image of.")


class InstanceHasExpired(Refused):
    code = "instance-has-expired"
    sentence = _("This instance has expired.")


class InstanceIsPaidFor(Refused):
    code = "instance-is-paid-for"
    sentence = _("This instance is paid for in advance. It can be released once it has expired.")


class InstanceIsMadeAnImageOf(Refused):
    code = "instance-is-made-an-image-of"
    sentence = _("An image is being made of this instance. Wait until it is done.")


class BatchRefused(Refused):
    code = "batch-refused"
    sentence = _("Create 1 to %(limit)d instances at once.")


class DiskRefused(Refused):
    code = "disk-refused"
    sentence = _("For this image the system disk has %(smallest)d to %(largest)d GB.")


class NoSuchZone(Refused):
    code = "no-such-zone"
    sentence = _("This region has the zones %(zones)s.")


class NoLoginToKeep(Refused):
    code = "no-login-to-keep"
    sentence = _("A public image has no login to keep: only custom and shared images have.")


class InvalidPassword(Refused):
    code = "invalid-password"
    sentence = LOGIN_RULE


def against_naming(*, name: str, desc: str) -> Refused | None:
    if not re.match(NAME_PATTERN, name):
        return InvalidName()
    if len(desc) > DESC_LENGTH:
        return DescriptionTooLong(limit=DESC_LENGTH)
    return None


def against_creating(draft: Image, by: Actor) -> Refused | None:
    if not by.is_operator and (by.account is None or draft.owner_id != by.account.pk):
        return NotOwnImage()
    return against_naming(name=draft.name, desc=draft.desc)


def against_managing(image: Image, by: Actor) -> Refused | None:
    """Editing, unsharing, and the first question of sharing and deleting: is it theirs."""
    if image.type != Image.Type.CUSTOM:
        return NotCustomImage()
    is_owner = by.account is not None and image.owner_id == by.account.pk
    return None if is_owner or by.is_operator else NotOwnImage()


def against_sharing(image: Image, by: Actor) -> Refused | None:
    refusal = against_managing(image, by)
    if refusal is None and image.status != Image.Status.AVAILABLE:
        return ImageNotAvailable()
    return refusal


def against_unsharing(image: Image, by: Actor, *, recipients: int) -> Refused | None:
    refusal = against_managing(image, by)
    if refusal is None and not recipients:
        return ImageIsNotShared()
    return refusal


def against_deleting(image: Image, by: Actor, *, recipients: int) -> Refused | None:
    """Owners delete their custom images, operators the public ones as well."""
    if by.is_operator and image.owner_id is None:
        return None
    if refusal := against_managing(image, by):
        return refusal
    if image.status == Image.Status.CREATING:
        return ImageIsBeingCreated()
    if image.status == Image.Status.COPYING:
        return ImageIsBeingCopied()
    if recipients:
        return ImageIsShared(recipients=recipients)
    return None


def against_copying(image: Image, by: Actor) -> Refused | None:
    return against_sharing(image, by)


def against_copying_to(image: Image, codes: Collection[str]) -> Refused | None:
    if not codes:
        return NoRegions()
    if image.region_id in codes:
        return SameRegion(region=image.region.names)
    return None


def against_cancelling(image: Image, by: Actor) -> Refused | None:
    refusal = against_managing(image, by)
    if refusal is None and image.status != Image.Status.COPYING:
        return ImageIsNotBeingCopied()
    return refusal


def account_of(by: Actor) -> Account:
    """The account that an instance is made for. Raises NotOwnInstance for an actor without one."""
    if by.account is None:
        raise NotOwnInstance
    return by.account


def against_using(image: Image) -> Refused | None:
    """What stands against an instance from an image that one may see."""
    return None if image.status == Image.Status.AVAILABLE else ImageNotAvailable()


def against_login(image: Image, account: Account, password: str | None) -> Refused | None:
    """`password` None keeps the login that is in the image, which a public one has not."""
    if password is None:
        kept = {Image.Type.CUSTOM, Image.Type.SHARING}
        return None if image.type_for(account) in kept else NoLoginToKeep()
    kinds = (str.isalpha, str.isdigit, LOGIN_SYMBOLS.__contains__)
    is_mixed = all(any(map(kind, password)) for kind in kinds)
    return None if is_mixed and re.fullmatch(LOGIN_PATTERN, password) else InvalidPassword()


def against_disk(image: Image, gb: int) -> Refused | None:
    largest = max(LARGEST_DISK_GB, image.min_disk_gb)
    if image.min_disk_gb <= gb <= largest:
        return None
    return DiskRefused(smallest=image.min_disk_gb, largest=largest)


def against_zone(region_code: str, zone_name: str) -> Refused | None:
    """An empty name leaves the choice to us."""
    has = zones(region_code)
    return None if zone_name in {"", *has} else NoSuchZone(zones=has)


def against_batch(names: Sequence[str]) -> Refused | None:
    """All names of instances that are to be made together."""
    if not 1 <= len(names) <= MAX_BATCH:
        return BatchRefused(limit=MAX_BATCH)
    if len(set(names)) > 1 and any(len(name) > NAME_LENGTH for name in names):
        return NumberedNameTooLong()
    refusals = (against_naming(name=name, desc="") for name in names)
    return next(filter(None, refusals), None)


def against_operating(instance: Instance, by: Actor) -> Refused | None:
    """The first question of everything that is done with an instance: is it theirs."""
    is_owner = by.account is not None and instance.owner_id == by.account.pk
    return None if is_owner or by.is_operator else NotOwnInstance()


def against_starting(instance: Instance, by: Actor) -> Refused | None:
    if refusal := against_operating(instance, by):
        return refusal
    if instance.is_being_created:
        return InstanceIsBeingCreated()
    if instance.status == Instance.Status.EXPIRED:
        return InstanceHasExpired()
    return None if instance.status == Instance.Status.STOPPED else InstanceNotStopped()


def against_stopping(instance: Instance, by: Actor) -> Refused | None:
    """Stopping and rebooting."""
    refusal = against_operating(instance, by)
    if refusal is None and instance.status != Instance.Status.RUNNING:
        return InstanceNotRunning()
    return refusal


def against_imaging(instance: Instance, by: Actor) -> Refused | None:
    """Making an image of the instance."""
    refusal = against_operating(instance, by)
    if refusal is None and instance.status not in SETTLED:
        return InstanceNotSettled()
    return refusal


def against_reinstalling(instance: Instance, by: Actor) -> Refused | None:
    return against_imaging(instance, by)


def against_releasing(instance: Instance, by: Actor) -> Refused | None:
    """BCC releases what is paid for by use, and what is paid for in advance once it has expired."""
    if refusal := against_operating(instance, by):
        return refusal
    if instance.is_being_created:
        return InstanceIsBeingCreated()
    if instance.status == Instance.Status.IMAGE_PROCESSING:
        return InstanceIsMadeAnImageOf()
    is_paid_for = instance.expires_at is not None and instance.expires_at > timezone.now()
    return InstanceIsPaidFor() if is_paid_for else None
