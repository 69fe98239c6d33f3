"""What an actor may not do to an image, and why.

Each function answers the refusal that the verb would raise, or None. Verbs ask under their locks;
pages ask to disable a button with its reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.exceptions import Refused

from .models import DESC_LENGTH, NAME_PATTERN, NAME_RULE, Image

if TYPE_CHECKING:
    from accounts.actors import Actor


class NotCustomImage(Refused):
    code = "not-custom-image"
    sentence = _("Only custom images can be shared, changed or deleted.")


class NotOwnImage(Refused):
    code = "not-own-image"
    sentence = _("Only its owner can share, unshare, change or delete this image.")


class ImageNotAvailable(Refused):
    code = "image-not-available"
    sentence = _("Only an available image can be shared.")


class ImageIsBeingCreated(Refused):
    code = "image-is-being-created"
    sentence = _("An image that is being created cannot be deleted.")


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


class DescriptionTooLong(Refused):
    code = "description-too-long"
    sentence = _("A description has at most %(limit)d characters.")


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
    if recipients:
        return ImageIsShared(recipients=recipients)
    return None


def require(refusal: Refused | None) -> None:
    """Raise the refusal that a rule answered."""
    if refusal is not None:
        raise refusal
