"""The audit trail, written in the transaction of what it tells."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .actors import Actor
from .exceptions import Refused
from .models import Account, AuditEvent

P = ParamSpec("P")
R = TypeVar("R")


class Verb(models.TextChoices):
    SIGN_IN = "session.signed-in", _("Signed in")
    SIGN_OUT = "session.signed-out", _("Signed out")
    LOOK_UP = "account.looked-up", _("Looked up accounts")
    ADD = "record.added", _("Added")
    CHANGE = "record.changed", _("Changed")
    REMOVE = "record.removed", _("Removed")
    CREATE_KEY = "access-key.created", _("Created access key")
    DISABLE_KEY = "access-key.disabled", _("Disabled access key")
    ENABLE_KEY = "access-key.enabled", _("Enabled access key")
    DELETE_KEY = "access-key.deleted", _("Deleted access key")
    ROTATE_KEYS = "access-key.rotated", _("Encrypted the access keys anew")
    CREATE_IMAGE = "image.created", _("Created image")
    EDIT_IMAGE = "image.edited", _("Edited image")
    DELETE_IMAGE = "image.deleted", _("Deleted image")
    SHARE_IMAGE = "image.shared", _("Shared image")
    UNSHARE_IMAGE = "image.unshared", _("Unshared image")
    RESTORE_SHARES = "image.shares-restored", _("Restored shares")
    COPY_IMAGE = "image.copied", _("Copied image")
    CANCEL_COPY = "image.copy-cancelled", _("Cancelled the copy of an image")
    CREATE_INSTANCE = "instance.created", _("Created instance")
    START = "instance.started", _("Started instance")
    STOP = "instance.stopped", _("Stopped instance")
    REBOOT = "instance.rebooted", _("Rebooted instance")
    REINSTALL = "instance.reinstalled", _("Reinstalled instance")
    RELEASE = "instance.released", _("Released instance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an event is about, as text that outlives it."""

    type: str
    id: str
    name: str
    region: str = ""
    owner: Account | None = None


def record(
    by: Actor,
    verb: Verb,
    *,
    target: Target | None = None,
    to: Iterable[Account] = (),
    refusal: Refused | None = None,
    **detail: Any,
) -> AuditEvent:
    """Add one event; `to` are others' accounts that something was given to or taken from.

    They may know that, and not of one another (activity.py).
    """
    added = event(by, verb, target=target, to=to, refusal=refusal, **detail)
    added.save(force_insert=True)
    return added


def record_each(by: Actor, verb: Verb, targets: Iterable[Target], **detail: Any) -> None:
    """Add an event for every target, in one statement."""
    AuditEvent.objects.bulk_create(event(by, verb, target=target, **detail) for target in targets)


def event(
    by: Actor,
    verb: Verb,
    *,
    target: Target | None = None,
    to: Iterable[Account] = (),
    refusal: Refused | None = None,
    **detail: Any,
) -> AuditEvent:
    recipients = list(to)
    concerned = [by.account, target.owner if target else None, *recipients]
    return AuditEvent(
        verb=verb,
        outcome=AuditEvent.Outcome.REFUSED if refusal else AuditEvent.Outcome.DONE,
        reason=refusal.code if refusal else "",
        channel=by.channel,
        actor_account_id=by.account.account_id if by.account else "",
        actor_account=by.account.name if by.account else "",
        actor=by.name,
        access_key_id=by.access_key_id,
        address=by.address,
        request_id=by.request_id,
        region=target.region if target else "",
        target_type=target.type if target else "",
        target_id=target.id if target else "",
        target_name=target.name if target else "",
        accounts=list(dict.fromkeys(account.account_id for account in concerned if account)),
        recipients=[account.account_id for account in recipients],
        detail=storable(detail | (refusal.facts if refusal else {})),
    )


def storable(value: Any) -> Any:
    """The same without NUL, which may have been typed and which PostgreSQL does not keep."""
    if isinstance(value, dict):
        return {key: storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def subject(arguments: Mapping[str, Any]) -> Target | None:
    """What a verb called with these keywords is about."""
    model = arguments.get("instance") or arguments.get("image")
    return cast("Target", model.audit_target) if model else None


def audited(
    verb: Verb, about: Callable[[Mapping[str, Any]], Target | None] = subject
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a domain verb: one transaction, and a refusal recorded after roll-back.

    The function is called with keywords only, among them `by`, and `instance` or `image` if it is
    about one. What it does it records itself, inside the transaction.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except Refused as refusal:
                by = cast("Actor", kwargs["by"])
                refusal.event = record(by, verb, target=about(kwargs), refusal=refusal)
                raise

        return wrapper

    return decorate
