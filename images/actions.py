"""What can be done to an image from wherever it is shown, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import Verb

from . import rules

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.exceptions import Refused

    from .models import Image


class Action(models.TextChoices):
    """The value is the name of the dialog's URL and of its icon."""

    SHARE = "share", gettext_lazy("Share Image")
    UNSHARE = "unshare", gettext_lazy("Unshare")
    EDIT = "edit", gettext_lazy("Edit")
    DELETE = "delete", gettext_lazy("Delete")

    @property
    def verb(self) -> Verb:
        return Verb[f"{self.name}_IMAGE"]

    @property
    def in_row(self) -> str:
        """The label where the image stands beside it."""
        return _("Share") if self is Action.SHARE else str(self.label)

    def url(self, region: str, image_id: str) -> str:
        """Where the action's dialog is. Raises NoReverseMatch for what is no ID."""
        return reverse(f"images:{self.value}", args=[region, image_id])


@dataclass(frozen=True, slots=True)
class Offer:
    action: Action
    url: str
    refusal: Refused | None


def offers(image: Image, by: Actor, *, recipients: int = 0) -> list[Offer]:
    """Every action on `image`, which is shared with so many `recipients`."""
    refusals = {
        Action.SHARE: rules.against_sharing(image, by),
        Action.UNSHARE: rules.against_unsharing(image, by, recipients=recipients),
        Action.EDIT: rules.against_managing(image, by),
        Action.DELETE: rules.against_deleting(image, by, recipients=recipients),
    }
    return [
        Offer(action, action.url(image.region_id, image.image_id), refusal)
        for action, refusal in refusals.items()
    ]
