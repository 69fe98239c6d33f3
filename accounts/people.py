"""The people of an account: add them, change their roles, deactivate and reactivate them.

Administrators do this for their own account, operators for every account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import audit, roles, sessions
from .actors import Actor
from .exceptions import Refused, refuse_if
from .models import Account, Identity, Role, User


class NotOwnPeople(Refused):
    code = "not-own-people"
    sentence = _("You can manage only the people of your own account.")


class PersonIsOperator(Refused):
    code = "person-is-operator"
    sentence = _("This person is an operator. Only operators can do this.")


class LastAdministrator(Refused):
    code = "last-administrator"
    sentence = _(
        "This is the last administrator of the account. Make somebody else an administrator first."
    )


class RoleIsGiven(Refused):
    code = "role-is-given"
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
    if by.is_operator:
        return None
    if by.account is None or account != by.account:
        return NotOwnPeople()
    return PersonIsOperator() if is_staff else roles.against(audit.Verb.ADD_PERSON, by)


def against_managing(person: User, by: Actor) -> Refused | None:
    """Return the refusal to reactivate the person, or None. The other rules start with this one."""
    return against_adding(person.account, by, is_staff=person.is_staff)


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
    return PersonIsActive() if person.is_active else None


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


def lock_person(person: User) -> tuple[User, list[User]]:
    """Lock the person and all people of the account, and return them."""
    is_colleague = Q(account__isnull=False, account=person.account_id)
    rows = User.objects.filter(is_colleague | Q(pk=person.pk)).select_related("account")
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

    Raises NotOwnPeople, PersonIsOperator, roles.RoleNeeded, and ValidationError for a wrong name.
    """
    refuse_if(against_adding(account, by, is_staff=is_staff))
    person = User(account=account, username=username, role=role, is_staff=is_staff)
    person.set_unusable_password()
    person.full_clean()
    person.save(force_insert=True)
    audit.record(by, audit.Verb.ADD_PERSON, target=build_target(person), role=person.role)
    return person


@audit.audited(audit.Verb.CHANGE_ROLE, about=get_target)
def change_role(*, person: User, role: str, by: Actor) -> User:
    """Give the person another role, from the next request on.

    Raises NotOwnPeople, PersonIsOperator, roles.RoleNeeded, RoleIsGiven, SameRole or
    LastAdministrator.
    """
    person, people = lock_person(person)
    refuse_if(against_changing_role(person, by, people))
    if person.role == role:
        raise SameRole
    before, person.role = person.role, Role(role)
    person.save(update_fields=["role"])
    audit.record(
        by, audit.Verb.CHANGE_ROLE, target=build_target(person), before=before, after=person.role
    )
    return person


@audit.audited(audit.Verb.DEACTIVATE_PERSON, about=get_target)
def deactivate(*, person: User, by: Actor) -> User:
    """End the person's sessions, and refuse sign-in and access keys until reactivation.

    Raises NotOwnPeople, PersonIsOperator, roles.RoleNeeded, PersonIsInactive or LastAdministrator.
    """
    person, people = lock_person(person)
    refuse_if(against_deactivating(person, by, people))
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended = sessions.end_all([person])
    audit.record(by, audit.Verb.DEACTIVATE_PERSON, target=build_target(person), sessions=ended)
    return person


@audit.audited(audit.Verb.REACTIVATE_PERSON, about=get_target)
def reactivate(*, person: User, by: Actor) -> User:
    """Let the person sign in again, and accept their active access keys again.

    Raises NotOwnPeople, PersonIsOperator, roles.RoleNeeded or PersonIsActive.
    """
    person, _people = lock_person(person)
    refuse_if(against_reactivating(person, by))
    person.is_active = True
    person.save(update_fields=["is_active"])
    forget_revocation(person)
    audit.record(by, audit.Verb.REACTIVATE_PERSON, target=build_target(person))
    return person
