"""What can be done to an image or an instance from wherever it is shown, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.audit import Verb
from accounts.exceptions import Refused

from . import rules
from .models import Image, Instance


class Action(models.TextChoices):
    """On an image. The value is the name of the dialog's URL."""

    SHARE = "share", gettext_lazy("Share Image")
    UNSHARE = "unshare", gettext_lazy("Unshare")
    COPY = "copy", gettext_lazy("Copy to region")
    CANCEL = "cancel", gettext_lazy("Cancel the copy")
    EDIT = "edit", gettext_lazy("Edit")
    DELETE = "delete", gettext_lazy("Delete")
    USE = "use", gettext_lazy("Create Instance")
    RESTORE = "restore", gettext_lazy("Restore shares")

    @property
    def verb(self) -> Verb:
        others = {
            "CANCEL": Verb.CANCEL_COPY,
            "USE": Verb.CREATE_INSTANCE,
            "RESTORE": Verb.RESTORE_SHARES,
        }
        return others.get(self.name) or Verb[f"{self.name}_IMAGE"]

    @property
    def icon(self) -> str:
        return {"copy": "region", "cancel": "close", "use": "instance"}.get(self.value, self.value)

    @property
    def in_row(self) -> str:
        """The label where the image stands beside it."""
        return _("Share") if self is Action.SHARE else str(self.label)

    @property
    def is_dialog(self) -> bool:
        return self is not Action.USE

    def url(self, region: str, image_id: str) -> str:
        """Where the action begins. Raises NoReverseMatch for what is no ID."""
        if self is Action.USE:
            return reverse("instances:create", args=[region]) + f"?image={image_id}"
        return reverse(f"images:{self.value}", args=[region, image_id])


# What the toolbar of the Image List does with the selected image
TOOLBAR = [Action.SHARE, Action.UNSHARE, Action.COPY, Action.DELETE]


class InstanceAction(models.TextChoices):
    """On an instance. The value is the name of the dialog's URL, but for IMAGE."""

    START = "start", gettext_lazy("Start")
    STOP = "stop", gettext_lazy("Stop")
    REBOOT = "reboot", gettext_lazy("Reboot")
    REINSTALL = "reinstall", gettext_lazy("Reinstall OS")
    IMAGE = "image", gettext_lazy("Create Custom Image")
    RELEASE = "release", gettext_lazy("Release")

    @property
    def verb(self) -> Verb:
        return Verb.CREATE_IMAGE if self is InstanceAction.IMAGE else Verb[self.name]

    @property
    def icon(self) -> str:
        return {"release": "delete"}.get(self.value, self.value)

    @property
    def in_row(self) -> str:
        return str(self.label)

    @property
    def is_dialog(self) -> bool:
        return True

    def url(self, region: str, instance_id: str) -> str:
        if self is InstanceAction.IMAGE:
            return reverse("images:create", args=[region]) + f"?instance={instance_id}"
        return reverse(f"instances:{self.value}", args=[region, instance_id])


@dataclass(frozen=True, slots=True)
class Offer:
    action: Action | InstanceAction
    url: str
    refusal: Refused | None


def offers(image: Image, by: Actor, *, recipients: int = 0) -> list[Offer]:
    """Every action on `image`, which is shared with so many `recipients`; the usual ones first."""
    use = {Action.USE: rules.against_using(image)}
    manage = {
        Action.SHARE: rules.against_sharing(image, by),
        Action.UNSHARE: rules.against_unsharing(image, by, recipients=recipients),
        Action.COPY: rules.against_copying(image, by),
        Action.EDIT: rules.against_managing(image, by),
        Action.DELETE: rules.against_deleting(image, by, recipients=recipients),
    }
    if image.status == Image.Status.COPYING:
        manage = {Action.CANCEL: rules.against_cancelling(image, by), **manage}
    is_own = manage[Action.EDIT] is None
    refusals: Mapping[Action, Refused | None] = manage | use if is_own else use | manage
    return [
        Offer(action, action.url(image.region_id, image.image_id), refusal)
        for action, refusal in refusals.items()
    ]


def offers_on_instance(instance: Instance, by: Actor) -> list[Offer]:
    """Every action on `instance`; the usual ones first."""
    power = {InstanceAction.STOP: rules.against_stopping(instance, by)}
    other = {InstanceAction.START: rules.against_starting(instance, by)}
    if instance.status == Instance.Status.STOPPED:
        power, other = other, power
    refusals = {
        **power,
        InstanceAction.REINSTALL: rules.against_reinstalling(instance, by),
        InstanceAction.IMAGE: rules.against_imaging(instance, by),
        **other,
        InstanceAction.REBOOT: rules.against_stopping(instance, by),
        InstanceAction.RELEASE: rules.against_releasing(instance, by),
    }
    return [
        Offer(action, action.url(instance.region_id, instance.instance_id), refusal)
        for action, refusal in refusals.items()
    ]
