"""Record who asks for images that exist but are not theirs. They can't tell, so operators can."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.actors import Actor
from accounts.exceptions import Refused

from .models import Image


class NotYourImage(Refused):
    code = "not-your-image"
    sentence = _("The image belongs to another account and isn't shared with this one.")


def record(image_id: str, *, by: Actor) -> None:
    """Record that the account asked for an image that it may not see, if there is such an image.

    Neither this account nor the owner sees the event: it would tell that the image exists.
    """
    image = Image.objects.select_related("owner").filter(image_id=image_id).first()
    if by.account and image and not Image.objects.visible_to(by.account).contains(image):
        target = replace(image.audit_target, owner=None)
        audit.record(
            by, audit.Verb.OPEN_IMAGE, target=target, refusal=NotYourImage(), for_operators=True
        )
