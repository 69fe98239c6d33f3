"""The audit trail, written in the transaction of what it tells."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .exceptions import Refused
from .models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .actors import Actor
    from .models import Account

P = ParamSpec("P")
R = TypeVar("R")


class Verb(models.TextChoices):
    SIGN_IN = "session.signed-in", _("Signed in")
    SIGN_OUT = "session.signed-out", _("Signed out")
    LOOK_UP = "account.looked-up", _("Looked up accounts")
    ADD = "record.added", _("Added")
    CHANGE = "record.changed", _("Changed")
    REMOVE = "record.removed", _("Removed")
    CREATE_IMAGE = "image.created", _("Created image")
    EDIT_IMAGE = "image.edited", _("Edited image")
    DELETE_IMAGE = "image.deleted", _("Deleted image")
    SHARE_IMAGE = "image.shared", _("Shared image")
    UNSHARE_IMAGE = "image.unshared", _("Unshared image")


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
    accounts: Iterable[Account] = (),
    refusal: Refused | None = None,
    **detail: object,
) -> None:
    """Add one event; `accounts` are those concerned beside the actor's and the target's owner."""
    concerned = [by.account, target.owner if target else None, *accounts]
    AuditEvent.objects.create(
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
        detail=detail | (refusal.facts if refusal else {}),
    )


def audited(verb: Verb) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a domain verb: one transaction, and a refusal recorded after roll-back.

    The function is called with keywords only, among them `by`, and `image` if it is about one.
    What it does it records itself, inside the transaction.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except Refused as refusal:
                image = kwargs.get("image")
                target = cast("Target", image.audit_target) if image else None  # type: ignore[attr-defined]
                record(cast("Actor", kwargs["by"]), verb, target=target, refusal=refusal)
                refusal.is_recorded = True
                raise

        return wrapper

    return decorate
