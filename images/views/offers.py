"""The actions offered on an image or an instance, each with its refusal, on any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.links import url_for
from images import rules
from images.models import Image, Instance


class Action(models.TextChoices):
    """An action on an image. The value is the name of its URL."""

    SHARE = "share", gettext_lazy("Share Image")
    UNSHARE = "unshare", gettext_lazy("Unshare")
    COPY = "copy", gettext_lazy("Copy to region")
    CANCEL = "cancel", gettext_lazy("Cancel copy")
    EDIT = "edit", gettext_lazy("Edit")
    DELETE = "delete", gettext_lazy("Delete")
    USE = "use", gettext_lazy("Create instance")
    RESTORE = "restore", gettext_lazy("Undo unshare")

    @property
    def verb(self) -> Verb:
        verbs = {
            Action.SHARE: Verb.SHARE_IMAGE,
            Action.UNSHARE: Verb.UNSHARE_IMAGE,
            Action.COPY: Verb.COPY_IMAGE,
            Action.CANCEL: Verb.CANCEL_COPY,
            Action.EDIT: Verb.EDIT_IMAGE,
            Action.DELETE: Verb.DELETE_IMAGE,
            Action.USE: Verb.CREATE_INSTANCE,
            Action.RESTORE: Verb.RESTORE_SHARES,
        }
        return verbs[self]

    @property
    def icon(self) -> str:
        return {"copy": "region", "cancel": "close", "use": "instance"}.get(self.value, self.value)

    @property
    def heading(self) -> str:
        """Return the heading of the action's dialog."""
        headings = {
            Action.COPY: _("Copy image"),
            Action.EDIT: _("Edit image"),
            Action.DELETE: _("Delete image"),
        }
        return headings.get(self, str(self.label))

    @property
    def row_label(self) -> str:
        """Return the label in a row, next to the image's name."""
        return _("Share") if self is Action.SHARE else str(self.label)

    @property
    def is_dialog(self) -> bool:
        return self is not Action.USE

    @property
    def is_for_several(self) -> bool:
        return self is Action.DELETE

    def build_url(self, region: str, image_id: str) -> str:
        """Return the URL that starts the action. Raises NoReverseMatch for a malformed ID."""
        if self is Action.USE:
            return url_for("instances:create", region) + f"?image={image_id}"
        return url_for(f"images:{self.value}", region, image_id)


# Actions on the selected images of the Image List
TOOLBAR = [Action.SHARE, Action.UNSHARE, Action.COPY, Action.DELETE]


class InstanceAction(models.TextChoices):
    """An action on an instance. The value is the name of its URL, except for IMAGE."""

    START = "start", gettext_lazy("Start")
    STOP = "stop", gettext_lazy("Stop")
    REBOOT = "reboot", gettext_lazy("Reboot")
    REINSTALL = "reinstall", gettext_lazy("Reinstall OS")
    IMAGE = "image", gettext_lazy("Create Custom Image")
    RELEASE = "release", gettext_lazy("Release")

    @property
    def verb(self) -> Verb:
        verbs = {
            InstanceAction.START: Verb.START,
            InstanceAction.STOP: Verb.STOP,
            InstanceAction.REBOOT: Verb.REBOOT,
            InstanceAction.REINSTALL: Verb.REINSTALL,
            InstanceAction.IMAGE: Verb.CREATE_IMAGE,
            InstanceAction.RELEASE: Verb.RELEASE,
        }
        return verbs[self]

    @property
    def icon(self) -> str:
        return {"release": "delete"}.get(self.value, self.value)

    @property
    def heading(self) -> str:
        """Return the heading of the action's dialog."""
        headings = {
            InstanceAction.START: _("Start instance"),
            InstanceAction.STOP: _("Stop instance"),
            InstanceAction.REBOOT: _("Reboot instance"),
            InstanceAction.RELEASE: _("Release instance"),
        }
        return headings.get(self, str(self.label))

    @property
    def row_label(self) -> str:
        """Return the label in a row, where space is short."""
        return _("Create image") if self is InstanceAction.IMAGE else str(self.label)

    @property
    def is_dialog(self) -> bool:
        return True

    def build_url(self, region: str, instance_id: str) -> str:
        if self is InstanceAction.IMAGE:
            return url_for("images:create", region) + f"?instance={instance_id}"
        return url_for(f"instances:{self.value}", region, instance_id)


@dataclass(frozen=True, slots=True)
class Offer:
    """An action, and why it isn't possible now. Most offers of a list are never shown."""

    action: Action | InstanceAction
    build_url: Callable[[], str]
    refusal: Refused | None

    @property
    def url(self) -> str:
        return self.build_url()


# So many are buttons of a row. A menu, which the page fetches when it is opened, has the others
IN_ROW = 2
# With these, an action never becomes possible.
NEVER = (rules.NotCustomImage, rules.NotOwnImage)


def get_offers(image: Image, by: Actor, *, recipient_count: int = 0) -> list[Offer]:
    """Return every action on `image` that is or can become possible, the most used first."""
    use = {Action.USE: rules.against_using(image, by)}
    manage = {
        Action.SHARE: rules.against_sharing(image, by),
        Action.UNSHARE: rules.against_unsharing(image, by, recipient_count=recipient_count),
        Action.COPY: rules.against_copying(image, by),
        Action.EDIT: rules.against_editing(image, by),
        Action.DELETE: rules.against_deleting(image, by, recipient_count=recipient_count),
    }
    if image.status == Image.Status.COPYING:
        manage = {Action.CANCEL: rules.against_canceling(image, by), **manage}
    is_own = rules.against_inspecting(image, by) is None
    refusals: Mapping[Action, Refused | None] = manage | use if is_own else use | manage
    return [
        Offer(action, partial(action.build_url, image.region_id, image.image_id), refusal)
        for action, refusal in refusals.items()
        if not isinstance(refusal, NEVER)
    ]


def get_instance_offers(instance: Instance, by: Actor) -> list[Offer]:
    """Return every action on `instance`, the most useful first.

    That is Start while it is stopped. A running instance is there to be used: creating an image
    from it is first, and what interrupts it is behind.
    """
    use: dict[InstanceAction, Refused | None] = {
        InstanceAction.IMAGE: rules.against_imaging(instance, by),
        InstanceAction.REINSTALL: rules.against_reinstalling(instance, by),
    }
    start = {InstanceAction.START: rules.against_starting(instance, by)}
    stop = {
        InstanceAction.STOP: rules.against_stopping(instance, by),
        InstanceAction.REBOOT: rules.against_stopping(instance, by),
    }
    is_stopped = instance.status == Instance.Status.STOPPED
    refusals = start | use | stop if is_stopped else use | stop | start
    refusals[InstanceAction.RELEASE] = rules.against_releasing(instance, by)
    return [
        Offer(action, partial(action.build_url, instance.region_id, instance.instance_id), refusal)
        for action, refusal in refusals.items()
    ]
