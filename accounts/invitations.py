"""Invitations: links with which a person sets a password, once, within a day.

The token is like Django's for resetting a password. It depends on the current password, so setting
one makes every link to the person invalid. So does deactivating the person, and a move to another
account or to staff: those who issued the link may manage the person no longer.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from . import audit, people, sessions
from .actors import Actor
from .closed import against_closed
from .exceptions import Refused, refuse_if
from .models import Account, User


class Tokens(PasswordResetTokenGenerator):
    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        rank = f"{user.account_id} {user.is_staff} {user.is_superuser}"
        end = people.find_last_deactivation(user)
        return f"{super()._make_hash_value(user, timestamp)} {rank} {end}"


tokens = Tokens()


class NoPasswords(Refused):
    code = "no-passwords"
    sentence = _("People sign in with single sign-on here, so there are no passwords to set.")


class SignsInElsewhere(Refused):
    code = "signs-in-elsewhere"
    sentence = _("%(name)s signs in with single sign-on, so there is no password to set.")


class PersonCantSignIn(Refused):
    code = "person-cant-sign-in"
    sentence = _("%(name)s is deactivated. Reactivate this person first.")


class InvitationIsInvalid(Refused):
    code = "invitation-is-invalid"
    sentence = _("This invitation is no longer valid.")


def against_passwords() -> Refused | None:
    return None if settings.LOCAL_SIGN_IN else NoPasswords()


def against_joining(person: User) -> Refused | None:
    """Return the refusal to let the person set a password and sign in, or None."""
    if refusal := against_passwords():
        return refusal
    if person.confirmed_at:
        return SignsInElsewhere(name=person.username)
    if not person.is_active:
        return PersonCantSignIn(name=person.username)
    return against_closed(person.account)


def against_inviting(person: User, by: Actor) -> Refused | None:
    return people.against_managing(person, by) or against_joining(person)


def against_adding(account: Account, by: Actor) -> Refused | None:
    """Return the refusal to add somebody to the account with an invitation, or None."""
    return people.against_adding(account, by) or against_passwords()


@audit.audited(audit.Verb.INVITE, about=people.get_target)
def issue(*, person: User, by: Actor) -> str:
    """Return the path of a link with which the person sets a password.

    Raises what people.against_managing returns, NoPasswords, SignsInElsewhere, PersonCantSignIn or
    AccountIsClosed.
    """
    refuse_if(against_inviting(person, by))
    audit.record(by, audit.Verb.INVITE, target=people.build_target(person))
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("accounts:invitation", args=[uid, tokens.make_token(person)])


@audit.audited(audit.Verb.JOIN, about=people.get_target)
def accept(*, person: User, token: str, password: str, by: Actor) -> User:
    """Set the password, and end the sessions that the person had.

    Raises InvitationIsInvalid if the link was used meanwhile, or its person may not sign in.
    """
    person = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
    if against_joining(person) or not tokens.check_token(person, token):
        raise InvitationIsInvalid
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    ended = sessions.end_all([person])
    audit.record(by, audit.Verb.JOIN, target=people.build_target(person), sessions=ended)
    return person
