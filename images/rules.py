"""Rules on what an actor may do with an image or an instance.

Each function returns the refusal that the verb would raise, or None. Verbs call it under their
locks. Pages call it to disable a button and show the reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import roles
from accounts.actors import Actor
from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.models import Account

from .models import DESC_LENGTH, NAME_PATTERN, NAME_RULE, Image, Instance
from .models.regions import get_zones

# BCC, "Create an instance": adminPass
LOGIN_SYMBOLS = "!@#$%^*()"
LOGIN_PATTERN = r"[A-Za-z0-9!@#$%^*()]{8,16}"
LOGIN_RULE = _(
    "8–16 characters, with at least one letter, one digit and one of ! @ # "
    "$ % ^ * ( ). No other characters."
)
SETTLED = {Instance.Status.RUNNING, Instance.Status.STOPPED}
LARGEST_DISK_GB = 2048
NAME_LENGTH = 65
MAX_BATCH = 20


class NotCustomImage(Refused):
    code = "not-custom-image"
    sentence = _("Only custom images can be shared, copied, edited or deleted.")


class NotOwnImage(Refused):
    code = "not-own-image"
    sentence = _("Only the owner can share, unshare, copy, edit or delete this image.")


class ImageNotAvailable(Refused):
    code = "image-not-available"
    fields = ("image",)
    sentence = _("Only available images can be shared, copied or used.")


class ImageIsBeingCreated(Refused):
    code = "image-is-being-created"
    sentence = _("This image is still being created. Delete it when it's ready.")


class ImageIsBeingCopied(Refused):
    code = "image-is-being-copied"
    sentence = _("This image is still being copied. Cancel the copy instead.")


class ImageIsNotBeingCopied(Refused):
    code = "image-is-not-being-copied"
    sentence = _("This image is no longer being copied.")


class SameRegion(Refused):
    code = "same-region"
    fields = ("regions",)
    sentence = _("The image is already in %(region)s. Select other regions.")


class NoRegions(Refused):
    code = "no-regions"
    fields = ("regions",)
    sentence = _("Select at least one region.")


class ImageIsShared(Refused):
    code = "image-is-shared"
    sentence = ngettext_lazy(
        "Shared with %(recipients)d account. Unshare it first.",
        "Shared with %(recipients)d accounts. Unshare it first.",
        "recipients",
    )


class ImageIsNotShared(Refused):
    code = "image-is-not-shared"
    sentence = _("This image isn't shared.")


class InvalidName(Refused):
    code = "invalid-name"
    fields = ("name",)
    sentence = NAME_RULE


class NumberedNameTooLong(Refused):
    code = "numbered-name-too-long"
    fields = ("name",)
    sentence = _("Shorten the name. With its number, it exceeds 65 characters.")


class DescriptionTooLong(Refused):
    code = "description-too-long"
    fields = ("desc",)
    sentence = _("Shorten the description to %(limit)d characters.")


class NotOwnInstance(Refused):
    code = "not-own-instance"
    sentence = _("Only the owner can do this with this instance.")


class InstanceIsBeingCreated(Refused):
    code = "instance-is-being-created"
    sentence = _("This instance is still being created.")


class InstanceNotStopped(Refused):
    code = "instance-not-stopped"
    sentence = _("Only stopped instances can be started.")


class InstanceNotRunning(Refused):
    code = "instance-not-running"
    sentence = _("Only running instances can be stopped or rebooted.")


class InstanceNotSettled(Refused):
    code = "instance-not-settled"
    fields = ("instance",)
    sentence = _("Only running or stopped instances can be reinstalled or used to create an image.")


class InstanceHasExpired(Refused):
    code = "instance-has-expired"
    sentence = _("This instance has expired.")


class InstanceIsPrepaid(Refused):
    code = "instance-is-paid-for"
    sentence = _("This instance is prepaid. Release it after it expires.")


class InstanceIsBeingImaged(Refused):
    code = "instance-is-made-an-image-of"
    sentence = _("An image is being created from this instance. Wait until it's complete.")


class BatchRefused(Refused):
    code = "batch-refused"
    fields = ("count",)
    sentence = _("Create 1 to %(limit)d instances at a time.")


class DiskRefused(Refused):
    code = "disk-refused"
    fields = ("system_disk_gb", "image")
    sentence = _("This image needs a system disk of %(smallest)d to %(largest)d GB.")


class NoSuchZone(Refused):
    code = "no-such-zone"
    sentence = _("Zone not found. Use one of %(zones)s.")


class NoLoginToKeep(Refused):
    code = "no-login-to-keep"
    fields = ("login",)
    sentence = _("Set a password. Only custom and shared images have a login to keep.")


class InvalidPassword(Refused):
    code = "invalid-password"
    fields = ("password",)
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
    refusal = roles.against(Verb.CREATE_IMAGE, by)
    return refusal or against_naming(name=draft.name, desc=draft.desc)


def against_inspecting(image: Image, by: Actor) -> Refused | None:
    """Return the refusal to see the image's recipients and sources, or None.

    Every person of the owner may. All rules on existing images start with this one.
    """
    if image.type != Image.Type.CUSTOM:
        return NotCustomImage()
    is_owner = by.account is not None and image.owner_id == by.account.pk
    return None if is_owner or by.is_operator else NotOwnImage()


def against_managing(image: Image, by: Actor, verb: Verb) -> Refused | None:
    """Return the refusal of the verb because of the owner or the role, or None."""
    return against_inspecting(image, by) or roles.against(verb, by)


def against_editing(image: Image, by: Actor) -> Refused | None:
    return against_managing(image, by, Verb.EDIT_IMAGE)


def against_sharing(image: Image, by: Actor) -> Refused | None:
    refusal = against_managing(image, by, Verb.SHARE_IMAGE)
    return refusal or against_unavailable(image)


def against_unavailable(image: Image) -> Refused | None:
    return None if image.status == Image.Status.AVAILABLE else ImageNotAvailable()


def against_choosing_recipients(image: Image, by: Actor) -> Refused | None:
    """Return the refusal to choose recipients to unshare the image from, or None."""
    return against_managing(image, by, Verb.UNSHARE_IMAGE)


def against_unsharing(image: Image, by: Actor, *, recipient_count: int) -> Refused | None:
    refusal = against_choosing_recipients(image, by)
    return refusal or (None if recipient_count else ImageIsNotShared())


def against_deleting(image: Image, by: Actor, *, recipient_count: int) -> Refused | None:
    """Return the refusal to delete the image, or None. Operators can also delete public images."""
    if by.is_operator and image.owner_id is None:
        return None
    if refusal := against_managing(image, by, Verb.DELETE_IMAGE):
        return refusal
    if image.status == Image.Status.CREATING:
        return ImageIsBeingCreated()
    if image.status == Image.Status.COPYING:
        return ImageIsBeingCopied()
    if recipient_count:
        return ImageIsShared(recipients=recipient_count)
    return None


def against_copying(image: Image, by: Actor) -> Refused | None:
    return against_managing(image, by, Verb.COPY_IMAGE) or against_unavailable(image)


def against_copying_to(image: Image, codes: Collection[str]) -> Refused | None:
    if not codes:
        return NoRegions()
    if image.region_id in codes:
        return SameRegion(region=image.region.names)
    return None


def against_canceling(image: Image, by: Actor) -> Refused | None:
    refusal = against_managing(image, by, Verb.CANCEL_COPY)
    if refusal is None and image.status != Image.Status.COPYING:
        return ImageIsNotBeingCopied()
    return refusal


def against_using(image: Image, by: Actor) -> Refused | None:
    """Return the refusal to create or reinstall an instance from a visible image, or None."""
    return roles.against(Verb.CREATE_INSTANCE, by) or against_unavailable(image)


def against_login(image: Image, account: Account, password: str | None) -> Refused | None:
    """Return the refusal of the password, or None.

    `password` None keeps the image's login. Public images have no login.
    """
    if password is None:
        types_with_login = {Image.Type.CUSTOM, Image.Type.SHARING}
        return None if image.type_for(account) in types_with_login else NoLoginToKeep()
    kinds = (str.isalpha, str.isdigit, LOGIN_SYMBOLS.__contains__)
    is_mixed = all(any(map(kind, password)) for kind in kinds)
    return None if is_mixed and re.fullmatch(LOGIN_PATTERN, password) else InvalidPassword()


def against_disk(image: Image, gb: int) -> Refused | None:
    largest = max(LARGEST_DISK_GB, image.min_disk_gb)
    if image.min_disk_gb <= gb <= largest:
        return None
    return DiskRefused(smallest=image.min_disk_gb, largest=largest)


def against_zone(region_code: str, zone_name: str) -> Refused | None:
    """Return the refusal of the zone, or None. An empty name means the region's first zone."""
    zones = get_zones(region_code)
    return None if zone_name in {"", *zones} else NoSuchZone(zones=zones)


def against_batch(names: Sequence[str]) -> Refused | None:
    """Return the refusal to create instances with these names together, or None."""
    if not 1 <= len(names) <= MAX_BATCH:
        return BatchRefused(limit=MAX_BATCH)
    if len(set(names)) > 1 and any(len(name) > NAME_LENGTH for name in names):
        return NumberedNameTooLong()
    refusals = (against_naming(name=name, desc="") for name in names)
    return next(filter(None, refusals), None)


def against_operating(instance: Instance, by: Actor, verb: Verb) -> Refused | None:
    """Return the refusal of the verb because of the owner or the role, or None.

    All rules on existing instances start with this one.
    """
    is_owner = by.account is not None and instance.owner_id == by.account.pk
    if not is_owner and not by.is_operator:
        return NotOwnInstance()
    return roles.against(verb, by)


def against_starting(instance: Instance, by: Actor) -> Refused | None:
    if refusal := against_operating(instance, by, Verb.START):
        return refusal
    if instance.is_being_created:
        return InstanceIsBeingCreated()
    if instance.status == Instance.Status.EXPIRED:
        return InstanceHasExpired()
    return None if instance.status == Instance.Status.STOPPED else InstanceNotStopped()


def against_stopping(instance: Instance, by: Actor) -> Refused | None:
    """Return the refusal to stop or reboot the instance, or None."""
    refusal = against_operating(instance, by, Verb.STOP)
    if refusal is None and instance.status != Instance.Status.RUNNING:
        return InstanceNotRunning()
    return refusal


def against_imaging(instance: Instance, by: Actor) -> Refused | None:
    """Return the refusal to create an image from the instance, or None."""
    refusal = against_operating(instance, by, Verb.CREATE_IMAGE)
    if refusal is None and instance.status not in SETTLED:
        return InstanceNotSettled()
    return refusal


def against_reinstalling(instance: Instance, by: Actor) -> Refused | None:
    return against_imaging(instance, by)


def against_releasing(instance: Instance, by: Actor) -> Refused | None:
    """Return the refusal to release the instance, or None.

    As in BCC, prepaid instances can be released only after they expire.
    """
    if refusal := against_operating(instance, by, Verb.RELEASE):
        return refusal
    if instance.is_being_created:
        return InstanceIsBeingCreated()
    if instance.status == Instance.Status.IMAGE_PROCESSING:
        return InstanceIsBeingImaged()
    is_prepaid = instance.expires_at is not None and instance.expires_at > timezone.now()
    return InstanceIsPrepaid() if is_prepaid else None
