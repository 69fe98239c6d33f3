"""The people of an account: add them, change their roles, deactivate and reactivate them.

Administrators do this for their own account, operators for every account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from . import audit, keys, permissions, roles, sessions
from .actors import Actor, Channel
from .closed import against_closed, hold_open
from .exceptions import Refused, refuse_if
from .models import Account, AuditEvent, Identity, Role, User

# Commands and the provider have no permissions of their own, so nothing limits them.
UNLIMITED = {Channel.SSO, Channel.SYSTEM}


class NotOwnPeople(Refused):
    code = "not-own-people"
    sentence = _("You can manage only the people of your own account.")


class PersonIsOperator(Refused):
    code = "person-is-operator"
    sentence = _("This person is an operator. Only operators can do this.")


class OnlySuperusers(Refused):
    code = "only-superusers"
    fields = ("is_staff",)
    sentence = _("Only superusers can add operators or change their permissions.")


class LastAdministrator(Refused):
    code = "last-administrator"
    sentence = _(
        "This is the last administrator of the account. Make somebody else an administrator first."
    )


class RoleIsGiven(Refused):
    code = "role-is-given"
    fields = ("role",)
    sentence = _("Single sign-on gives this person the role. Change it at the provider.")


class SameRole(Refused):
    code = "same-role"
    fields = ("role",)
    sentence = _("This person has this role already.")


class PersonIsInactive(Refused):
    code = "person-is-inactive"
    sentence = _("This person is already deactivated.")


class PersonIsActive(Refused):
    code = "person-is-active"
    sentence = _("This person is already active.")


# Rules. `people` are all people of the account.


def against_adding(account: Account | None, by: Actor, *, is_staff: bool = False) -> Refused | None:
    if refusal := against_reaching(account, by, is_staff=is_staff) or against_closed(account):
        return refusal
    return against_permitting(by) if is_staff else None


def against_reaching(account: Account | None, by: Actor, *, is_staff: bool) -> Refused | None:
    """Return the refusal to manage people of this account, or None."""
    if by.is_operator:
        return None
    if by.account is None or account != by.account:
        return NotOwnPeople()
    return PersonIsOperator() if is_staff else roles.against(audit.Verb.ADD_PERSON, by)


def against_permitting(by: Actor) -> Refused | None:
    """Return the refusal to make operators and to give permissions, or None."""
    is_allowed = by.operator.is_superuser if by.operator else by.channel in UNLIMITED
    return None if is_allowed else OnlySuperusers()


def against_managing(person: User, by: Actor) -> Refused | None:
    """Return the refusal of anything done to the person, or None. Other rules start with it."""
    if refusal := against_reaching(person.account, by, is_staff=person.is_staff):
        return refusal
    return permissions.against_outranking(person, by)


def against_changing_role(person: User, by: Actor, people: Sequence[User]) -> Refused | None:
    if refusal := against_managing(person, by):
        return refusal
    if settings.OIDC_ROLES and person.confirmed_at:
        return RoleIsGiven()
    return against_losing(person, by, people)


def against_deactivating(person: User, by: Actor, people: Sequence[User]) -> Refused | None:
    if refusal := against_managing(person, by):
        return refusal
    return against_losing(person, by, people) if person.is_active else PersonIsInactive()


def against_reactivating(person: User, by: Actor) -> Refused | None:
    if refusal := against_managing(person, by):
        return refusal
    return PersonIsActive() if person.is_active else against_closed(person.account)


def against_moving(person: User, to: Account | None, by: Actor) -> Refused | None:
    if not by.is_operator:
        return NotOwnPeople()
    return against_managing(person, by) or against_closed(to)


def against_losing(person: User, by: Actor, people: Sequence[User]) -> Refused | None:
    """Return the refusal if the account would have no administrator, or None."""
    others = [each for each in people if each.is_active and each.role == Role.ADMIN]
    is_last = others == [person]
    return LastAdministrator() if is_last and not by.is_operator else None


# Verbs


def build_target(person: User) -> audit.Target:
    return audit.Target(type="user", id=str(person.pk), name=person.username, owner=person.account)


def get_target(arguments: Mapping[str, Any]) -> audit.Target:
    return build_target(arguments["person"])


def get_new_target(arguments: Mapping[str, Any]) -> audit.Target:
    name = str(arguments["username"])[:150].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return audit.Target(type="user", id="", name=name, owner=arguments["account"])


def lock_person(person: User, by: Actor) -> tuple[User, list[User]]:
    """Lock the person and all people of the account, and return them.

    Operators lock the person only: they may deactivate the last administrator.
    """
    is_wanted = Q(pk=person.pk)
    if not by.is_operator:
        is_wanted |= Q(account__isnull=False, account=person.account_id)
    rows = User.objects.filter(is_wanted).select_related("account")
    people = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return next(each for each in people if each == person), people


def forget_revocation(person: User) -> None:
    """Single sign-on then reactivates the person only if it revokes them itself once more."""
    Identity.objects.filter(user=person).update(revoked_at=None)


@audit.audited(audit.Verb.ADD_PERSON, about=get_new_target)
def add(
    *, account: Account | None, username: str, role: str, by: Actor, is_staff: bool = False
) -> User:
    """Add a person, who sets a password by an invitation (invitations.py).

    Raises NotOwnPeople, PersonIsOperator, roles.RoleNeeded, AccountIsClosed, OnlySuperusers, and
    ValidationError for a wrong name.
    """
    refuse_if(against_adding(account, by, is_staff=is_staff) or hold_open(account))
    person = User(account=account, username=username, role=role, is_staff=is_staff)
    person.set_unusable_password()
    person.full_clean()
    person.save(force_insert=True)
    facts: dict[str, Any] = {"role": person.role, "isStaff": person.is_staff}
    audit.record(by, audit.Verb.ADD_PERSON, target=build_target(person), **facts)
    return person


@audit.audited(audit.Verb.CHANGE_ROLE, about=get_target)
def change_role(*, person: User, role: str, by: Actor) -> User:
    """Give the person another role, from the next request on.

    Raises what against_managing returns, RoleIsGiven, SameRole or LastAdministrator.
    """
    person, people = lock_person(person, by)
    refuse_if(against_changing_role(person, by, people))
    if person.role == role:
        raise SameRole
    before, person.role = person.role, Role(role)
    person.save(update_fields=["role"])
    audit.record(
        by, audit.Verb.CHANGE_ROLE, target=build_target(person), before=before, after=person.role
    )
    return person


@audit.audited(audit.Verb.MOVE_PERSON, about=get_target)
def move(*, person: User, to: Account | None, by: Actor, keep: str = "") -> User:
    """Let the person work in another account, without the sessions and keys of the one before.

    The session with the key `keep` stays. Each of the accounts reads an event of its own, because
    neither may read the name of the other. Raises what against_managing returns, or
    AccountIsClosed.
    """
    person, _people = lock_person(person, by)
    refuse_if(against_moving(person, to, by) or hold_open(to))
    if person.account == to:
        return person
    deleted = keys.delete_all(person, by)
    before, person.account = person.account, to
    person.save(update_fields=["account"])
    targets = [replace(build_target(person), owner=each) for each in (before, to) if each]
    ended = sessions.end_all([person], keep=keep)
    facts: dict[str, Any] = {"before": str(before or ""), "after": str(to or "")}
    facts |= {"sessions": ended, "keys": deleted}
    audit.record_each(by, audit.Verb.MOVE_PERSON, targets, **facts)
    return person


@audit.audited(audit.Verb.DEACTIVATE_PERSON, about=get_target)
def deactivate(*, person: User, by: Actor) -> User:
    """End the person's sessions, and refuse sign-in and access keys until reactivation.

    Raises what against_managing returns, PersonIsInactive or LastAdministrator.
    """
    person, people = lock_person(person, by)
    refuse_if(against_deactivating(person, by, people))
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended = sessions.end_all([person])
    audit.record(by, audit.Verb.DEACTIVATE_PERSON, target=build_target(person), sessions=ended)
    return person


@audit.audited(audit.Verb.REACTIVATE_PERSON, about=get_target)
def reactivate(*, person: User, by: Actor) -> User:
    """Let the person sign in again, and accept their active access keys again.

    Raises what against_managing returns, PersonIsActive or AccountIsClosed.
    """
    person, _people = lock_person(person, by)
    refuse_if(against_reactivating(person, by) or hold_open(person.account))
    person.is_active = True
    person.save(update_fields=["is_active"])
    forget_revocation(person)
    audit.record(by, audit.Verb.REACTIVATE_PERSON, target=build_target(person))
    return person


def find_last_deactivation(person: User) -> int | None:
    """Return the ID of the event, or None. A number of events would fall when some are archived."""
    events = AuditEvent.objects.filter(target_type="user", target_id=str(person.pk))
    done = events.filter(verb=audit.Verb.DEACTIVATE_PERSON, outcome=AuditEvent.Outcome.DONE)
    last: int | None = done.aggregate(last=Max("pk"))["last"]
    return last


def finish_password(*, person: User, by: Actor, keep: str = "") -> None:
    """Finish what Django's form or command began: it stored a password somebody else chose.

    The person's sessions end, except the one with the key `keep`. A person who has a password now
    must choose another one at the next sign-in.
    """
    person.must_change_password = person.has_usable_password() and by.name != person.username
    person.save(update_fields=["must_change_password"])
    record_password(person, by, sessions=sessions.end_all([person], keep=keep))


def record_password(person: User, by: Actor, *, sessions: int) -> None:
    """Record what can be said about a new password, and how many sessions it ended."""
    audit.record(
        by,
        audit.Verb.CHANGE_PASSWORD,
        target=build_target(person),
        hasPassword=person.has_usable_password(),
        mustChange=person.must_change_password,
        sessions=sessions,
    )
