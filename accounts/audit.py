"""Write the audit trail, in the transaction of the recorded change."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from . import tally
from .actors import Actor
from .exceptions import Refused
from .kept import Insertion, Statement, run_together
from .models import Account, AuditEvent
from .transactions import run_in_transaction

P = ParamSpec("P")
R = TypeVar("R")


class Verb(models.TextChoices):
    SIGN_IN = "session.signed-in", _("Signed in")
    USE_KEY = "session.key-used", _("Used access key")
    SIGN_OUT = "session.signed-out", _("Signed out")
    END_SESSIONS = "session.others-ended", _("Signed out everywhere else")
    LOOK_UP = "account.looked-up", _("Looked up accounts")
    VIEW_ACCOUNT = "account.viewed", _("Viewed the console as this account")
    STOP_VIEWING = "account.viewing-stopped", _("Stopped viewing as this account")
    ADD = "record.added", _("Added")
    CHANGE = "record.changed", _("Changed")
    REMOVE = "record.removed", _("Removed")
    ADD_PERSON = "person.added", _("Added person")
    CHANGE_ROLE = "person.role-changed", _("Changed role")
    CHANGE_PASSWORD = "person.password-changed", _("Changed password")
    MOVE_PERSON = "person.moved", _("Moved person to another account")
    DEACTIVATE_PERSON = "person.deactivated", _("Deactivated person")
    REACTIVATE_PERSON = "person.reactivated", _("Reactivated person")
    INVITE = "person.invited", _("Invited person")
    JOIN = "person.joined", _("Accepted invitation")
    CREATE_KEY = "access-key.created", _("Created access key")
    DISABLE_KEY = "access-key.disabled", _("Disabled access key")
    ENABLE_KEY = "access-key.enabled", _("Enabled access key")
    DELETE_KEY = "access-key.deleted", _("Deleted access key")
    CLOSE_ACCOUNT = "account.closed", _("Closed account")
    REOPEN_ACCOUNT = "account.reopened", _("Reopened account")
    ARCHIVE_EVENTS = "trail.archived", _("Archived activity")
    EXPORT = "export.written", _("Exported")
    ROTATE_KEYS = "access-key.rotated", _("Re-encrypted access keys")
    HAND_OVER_IMAGE = "image.handed-over", _("Handed over image")
    HAND_OVER_INSTANCE = "instance.handed-over", _("Handed over instance")
    OPEN_IMAGE = "image.opened", _("Opened image")
    CREATE_IMAGE = "image.created", _("Created image")
    EDIT_IMAGE = "image.edited", _("Edited image")
    DELETE_IMAGE = "image.deleted", _("Deleted image")
    SHARE_IMAGE = "image.shared", _("Shared image")
    UNSHARE_IMAGE = "image.unshared", _("Unshared image")
    RESTORE_SHARES = "image.shares-restored", _("Undid unshare")
    COPY_IMAGE = "image.copied", _("Copied image")
    CANCEL_COPY = "image.copy-cancelled", _("Canceled image copy")
    CREATE_INSTANCE = "instance.created", _("Created instance")
    START = "instance.started", _("Started instance")
    STOP = "instance.stopped", _("Stopped instance")
    REBOOT = "instance.rebooted", _("Rebooted instance")
    REINSTALL = "instance.reinstalled", _("Reinstalled instance")
    RELEASE = "instance.released", _("Released instance")


# Items that the event of a refusal keeps of a list
LONGEST_LIST = 100

# What a refused action would have done. The labels of Verb are in the past tense.
ATTEMPTS = {
    Verb.SIGN_IN: _("Sign in"),
    Verb.USE_KEY: _("Use access key"),
    Verb.LOOK_UP: _("Look up accounts"),
    Verb.ADD_PERSON: _("Add person"),
    Verb.CHANGE_ROLE: _("Change role"),
    Verb.CHANGE_PASSWORD: _("Change password"),
    Verb.MOVE_PERSON: _("Move person to another account"),
    Verb.DEACTIVATE_PERSON: _("Deactivate person"),
    Verb.REACTIVATE_PERSON: _("Reactivate person"),
    Verb.CLOSE_ACCOUNT: _("Close account"),
    Verb.INVITE: _("Invite person"),
    Verb.JOIN: _("Accept invitation"),
    Verb.CREATE_KEY: _("Create access key"),
    Verb.DISABLE_KEY: _("Disable access key"),
    Verb.ENABLE_KEY: _("Enable access key"),
    Verb.DELETE_KEY: _("Delete access key"),
    Verb.OPEN_IMAGE: _("Open image"),
    Verb.CREATE_IMAGE: _("Create image"),
    Verb.EDIT_IMAGE: _("Edit image"),
    Verb.DELETE_IMAGE: _("Delete image"),
    Verb.SHARE_IMAGE: _("Share image"),
    Verb.UNSHARE_IMAGE: _("Unshare image"),
    Verb.RESTORE_SHARES: _("Undo unshare"),
    Verb.COPY_IMAGE: _("Copy image"),
    Verb.CANCEL_COPY: _("Cancel image copy"),
    Verb.CREATE_INSTANCE: _("Create instance"),
    Verb.START: _("Start instance"),
    Verb.STOP: _("Stop instance"),
    Verb.REBOOT: _("Reboot instance"),
    Verb.REINSTALL: _("Reinstall instance"),
    Verb.RELEASE: _("Release instance"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The object of an event, as text that stays when the object is deleted.

    `facts` go into the detail of the event.
    """

    type: str
    id: str
    name: str
    region: str = ""
    owner: Account | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


insert = Insertion(AuditEvent)

NOTHING = Target(type="", id="", name="")


def build_account_target(account: Account) -> Target:
    return Target(type="account", id=account.account_id, name=account.name, owner=account)


def record(
    by: Actor,
    verb: Verb,
    *,
    target: Target | None = None,
    to: Collection[Account] = (),
    refusal: Refused | None = None,
    **detail: Any,
) -> AuditEvent:
    """Add one event. See record_each for the arguments."""
    (event,) = record_each(by, verb, [target], to=to, refusal=refusal, **detail)
    return event


def record_each(  # noqa: PLR0913 - all of it is recorded
    by: Actor,
    verb: Verb,
    targets: Iterable[Target | None],
    *,
    to: Collection[Account] = (),
    refusal: Refused | None = None,
    for_operators: bool = False,
    along: Sequence[Statement] = (),
    **detail: Any,
) -> list[AuditEvent]:
    """Add an event for every target, in one statement unless it is a refusal.

    `to` are the accounts that received or lost something. Each may see that, but not the other
    accounts (activity.py). `refusal` marks a refused attempt. Its facts are added to the detail.
    Of many alike refusals, most are only counted (tally.py), and their event has no primary key.
    No account sees an event that is `for_operators`, not even the one that acted. `along` are
    statements of the change that run just before, in the same exchange with the database.
    """
    concerned = [] if for_operators else [by.account]
    facts = shorten(refusal.facts) if refusal else {}
    events = [
        AuditEvent(
            verb=verb,
            outcome=AuditEvent.Outcome.REFUSED if refusal else AuditEvent.Outcome.DONE,
            reason=refusal.code if refusal else "",
            **describe_actor(by),
            region=target.region,
            target_type=target.type,
            target_id=target.id,
            target_name=target.name,
            accounts=get_account_ids([*concerned, target.owner, *to]),
            recipients=get_account_ids(to),
            detail=strip_nul({**target.facts, **detail, **facts}),
        )
        for target in (each or NOTHING for each in targets)
    ]
    if refusal:
        return [tally.record(event) for event in events]
    if along:
        *_, added = run_together(*along, insert.bind(events))
        return added
    return insert(events) if events else []


def describe_actor(by: Actor) -> dict[str, Any]:
    return {
        "channel": by.channel,
        "actor_account_id": by.account.account_id if by.account else "",
        "actor_account": by.account.name if by.account else "",
        "actor": by.name,
        "access_key_id": by.access_key_id,
        "address": by.address,
        "request_id": by.request_id,
    }


def get_account_ids(accounts: Iterable[Account | None]) -> list[str]:
    """Return the account IDs in order, without duplicates. Skip None."""
    return list(dict.fromkeys(account.account_id for account in accounts if account))


def shorten(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a refusal with the start of each list, which could fill the disk."""
    return {
        name: fact[:LONGEST_LIST] if isinstance(fact, list | tuple) else fact
        for name, fact in facts.items()
    }


def strip_nul(value: Any) -> Any:
    """Replace NUL characters, which people can type but PostgreSQL can't store."""
    if isinstance(value, dict):
        return {key: strip_nul(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [strip_nul(each) for each in value]
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def get_target_from_arguments(arguments: Mapping[str, Any]) -> Target | None:
    """Return the target of a verb called with these keyword arguments."""
    model = arguments.get("instance") or arguments.get("image")
    return cast("Target", model.audit_target) if model else None


def audited(
    verb: Verb, about: Callable[[Mapping[str, Any]], Target | None] = get_target_from_arguments
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a domain verb: one transaction, and a refusal recorded after the rollback.

    The transaction is repeated after a deadlock or a serialization failure (transactions.py).

    The function takes keyword arguments only. One is `by`. `about` gets the target from them: by
    default it is `instance` or `image`. The function itself records its success, inside the
    transaction.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return run_in_transaction(lambda: function(*args, **kwargs))
            except Refused as refusal:
                by = cast("Actor", kwargs["by"])
                refusal.event = record(by, verb, target=about(kwargs), refusal=refusal)
                raise

        return wrapper

    return decorate


@contextmanager
def all_or_none() -> Iterator[None]:
    """Roll back every verb inside if one of them is refused. Keep the event of the refusal."""
    try:
        with transaction.atomic():
            yield
    except Refused as refusal:
        if refusal.event:  # rolled back with the rest, so record it again
            tally.record(refusal.event)
        raise
