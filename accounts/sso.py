"""Single sign-on: people of an OpenID provider, who follow what it says about them.

A person is known by issuer and subject, never by a name or an address. Account, role and staff
status follow the claims, at each sign-in and each time the provider is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import audit, changes, directory, keys, oidc, people, permissions, sessions
from .actors import Actor, Channel
from .exceptions import Refused, refuse_if
from .models import Account, Identity, Role, User

log = structlog.get_logger("accounts.sso")

# The actor of what the provider causes without a request of the person
PROVIDER = Actor(account=None, name="single sign-on", role=Role.ADMIN, channel=Channel.SSO)
# Nobody else asks while one request does, or soon after the provider didn't answer
ASK_INTERVAL = timedelta(minutes=1)
LONGEST_SUBJECT = 255  # characters, says OpenID Connect


class ProviderUnreachable(Refused):
    code = "sso-unreachable"
    sentence = _("Single sign-on can't be reached. Try again in a few minutes.")


class SignInFailed(Refused):
    code = "sso-failed"
    sentence = _("The sign-in wasn't completed. Start it again.")


class NoAccountNamed(Refused):
    code = "sso-no-account"
    sentence = _(
        "Your organization's sign-in doesn't say which account you work in. Ask the people who "
        "manage it."
    )


class AccountUnknown(Refused):
    code = "sso-unknown-account"
    sentence = _("This console has no account named %(account)s. Ask an operator to create it.")


class AccountClosed(Refused):
    code = "sso-closed-account"
    sentence = _("This account is closed.")


class UsernameUnusable(Refused):
    code = "sso-unusable-username"
    sentence = _("The username %(username)s can't be used here. Ask the people who manage it.")


class UsernameTaken(Refused):
    code = "sso-username-taken"
    sentence = _(
        "Another person is already called %(username)s here. Ask an operator to connect or rename "
        "that person."
    )


class PersonDeactivated(Refused):
    code = "sso-person-deactivated"
    sentence = _("An operator or administrator has deactivated you here.")


class NotConfirmed(Refused):
    code = "sso-not-confirmed"
    sentence = _("Single sign-on hasn't confirmed you lately. Sign in again.")


class Facts(NamedTuple):
    """What the claims say about a person. None: they don't say it, so it stays as it is."""

    username: str
    account: Account | None
    role: Role | None
    is_staff: bool | None


# Claims


def read_facts(claims: Mapping[str, Any]) -> Facts:
    """Return the facts. Raises NoAccountNamed, AccountUnknown, AccountClosed."""
    values = get_values(claims, settings.OIDC_ROLE_CLAIM)
    operators = settings.OIDC_OPERATOR_GROUP
    is_staff = operators in values if operators else None
    account = find_account(get_text(claims, settings.OIDC_ACCOUNT_CLAIM))
    if account is None and not is_staff:
        raise NoAccountNamed
    username = get_text(claims, settings.OIDC_USERNAME_CLAIM)
    return Facts(username, account, get_role(values), is_staff)


def get_text(claims: Mapping[str, Any], name: str) -> str:
    return next(iter(get_values(claims, name)), "")


def get_values(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a claim that is a text or a list of texts."""
    value = claims.get(name) or []
    return [clean(str(each)) for each in (value if isinstance(value, list) else [value])]


def clean(text: str) -> str:
    """Replace what PostgreSQL can't store."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def get_subject(claims: Mapping[str, Any]) -> str:
    """Return the person's ID at the provider. Raises SignInFailed if it isn't one."""
    subject = str(claims["sub"])
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise SignInFailed
    return subject


def get_role(values: list[str]) -> Role | None:
    """Return the highest role of these groups, or None if roles are given in the console."""
    if not settings.OIDC_ROLES:
        return None
    given = {settings.OIDC_ROLES.get(value) for value in values}
    return next((role for role in reversed(Role) if role in given), Role.VIEWER)


def find_account(text: str) -> Account | None:
    """Return the account that the claim names. Raises AccountUnknown, AccountClosed."""
    if not text:
        return None
    found = directory.look_up([text], by=PROVIDER)[text]
    if len(found) != 1:
        raise AccountUnknown(account=text[:100])
    if found[0].closed_at:
        raise AccountClosed
    return found[0]


# Signing in


@audit.audited(audit.Verb.SIGN_IN, about=lambda _: None)
def sign_in(*, answer: oidc.Answer, by: Actor) -> User:
    """Return the person of the provider's answer, created if they are new. Call oidc first.

    Raises what read_facts raises, SignInFailed, UsernameUnusable, UsernameTaken, PersonDeactivated.
    """
    facts, subject = read_facts(answer.claims), get_subject(answer.claims)
    identity = find_identity(subject=subject)
    if identity is None:
        identity = create(facts, subject=subject)
    refuse_if(against_signing_in(identity))
    follow(identity.user, facts, by=by)
    if not identity.user.is_active:
        people.reactivate(person=identity.user, by=PROVIDER)
        identity.user.refresh_from_db(fields=["is_active"])
    remember(identity, answer.refresh_token)
    return identity.user


def find_identity(**about: Any) -> Identity | None:
    """Lock the identity and return it with its person."""
    rows = Identity.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("user__account").filter(issuer=settings.OIDC_ISSUER, **about).first()


def create(facts: Facts, *, subject: str) -> Identity:
    """Add a person. One with the same username is another person, who isn't taken over."""
    if User.objects.filter(username__iexact=facts.username).exists():
        raise UsernameTaken(username=facts.username)
    try:
        user = people.add(
            account=facts.account,
            username=facts.username,
            role=facts.role or Role.VIEWER,
            is_staff=bool(facts.is_staff),
            by=PROVIDER,
        )
        identity = Identity.objects.create(user=user, issuer=settings.OIDC_ISSUER, subject=subject)
    except ValidationError:
        raise UsernameUnusable(username=facts.username[:150]) from None
    except IntegrityError:  # the same person signs in twice at the same moment
        raise SignInFailed from None
    if changed := put_into_group(user):
        audit.record(PROVIDER, audit.Verb.CHANGE, target=people.build_target(user), changes=changed)
    return identity


def against_signing_in(identity: Identity) -> Refused | None:
    """Return the refusal for a person whom somebody here deactivated, not the provider."""
    is_out = not identity.user.is_active and identity.revoked_at is None
    return PersonDeactivated() if is_out else None


def follow(user: User, facts: Facts, *, by: Actor, keep: str = "") -> None:
    """Give the person the account, role and staff status of the facts.

    A person who moves to another account is signed out everywhere, but in the session `keep`.
    """
    if facts.account not in {None, user.account}:
        people.move(person=user, to=facts.account, by=PROVIDER, keep=keep)
        user.account = facts.account
    now: dict[str, Any] = {"role": facts.role, "is_staff": facts.is_staff}
    if facts.is_staff is False and user.is_superuser:
        now["is_superuser"] = False
    now = {name: value for name, value in now.items() if value is not None}
    changed = changes.compare({name: getattr(user, name) for name in now}, now)
    if not changed:
        return
    for name in changed:
        setattr(user, name, now[name])
    user.save(update_fields=list(changed))
    if "is_staff" in changed:
        changed |= put_into_group(user)
    audit.record(by, audit.Verb.CHANGE, target=people.build_target(user), changes=changed)


def put_into_group(user: User) -> changes.Changes:
    """Put operators into their group, and others out of it. Return what changed."""
    before = list(user.groups.all())
    group = Group.objects.filter(name=permissions.OPERATORS)
    (user.groups.add if user.is_staff else user.groups.remove)(*group)
    return changes.compare({"groups": before}, {"groups": user.groups.all()})


def remember(identity: Identity, refresh_token: str) -> None:
    """Store that the provider vouches for the person now, and the token to ask it again."""
    identity.encrypted_refresh_token = (
        keys.encrypt(refresh_token, key_id=identity.token_id) if refresh_token else ""
    )
    identity.asked_at = identity.user.confirmed_at = timezone.now()
    identity.revoked_at = None
    identity.save()
    identity.user.save(update_fields=["confirmed_at"])


# Asking again


def confirm(user: User, *, keep: str = "") -> User:
    """Return the person as the provider confirmed them lately. Others are returned as they are.

    After OIDC_CHECK_MINUTES one request asks the provider. While it doesn't answer, people go on
    until OIDC_GRACE_MINUTES after its last answer. Call it outside a transaction. `keep` is the
    session that stays if the person moves to another account. Raises NotConfirmed.
    """
    if user.confirmed_at is None or is_within(user, settings.OIDC_CHECK_MINUTES):
        return user
    if identity := claim_turn(user):
        ask(identity, keep=keep)
        user = User.objects.select_related("account").get(pk=user.pk)
    if not user.is_active or not is_within(user, settings.OIDC_GRACE_MINUTES):
        raise NotConfirmed
    return user


def is_within(user: User, minutes: int) -> bool:
    confirmed_at = user.confirmed_at
    return confirmed_at is None or timezone.now() - confirmed_at < timedelta(minutes=minutes)


def claim_turn(user: User) -> Identity | None:
    """Return the identity if this request is the one that asks the provider, else None."""
    now = timezone.now()
    due = Q(asked_at=None) | Q(asked_at__lte=now - ASK_INTERVAL)
    mine = Identity.objects.filter(
        due, user=user, issuer=settings.OIDC_ISSUER, encrypted_refresh_token__gt=""
    )
    if not mine.update(asked_at=now):
        return None
    return Identity.objects.get(user=user)


def ask(identity: Identity, *, keep: str) -> None:
    """Ask the provider about the person, and do what it says. Nothing, if it doesn't answer."""
    before = identity.encrypted_refresh_token
    try:
        token = keys.decrypt(before, key_id=identity.token_id)
        answer = oidc.ask_again(token, subject=identity.subject)
    except (keys.UnreadableSecret, oidc.ProviderUnreachable) as error:
        log.warning("sso_unreachable", reason=str(error))
        return
    except oidc.ProviderRefused as error:
        revoke(identity, reason=str(error))
        return
    try:
        with transaction.atomic():
            current = find_identity(pk=identity.pk, encrypted_refresh_token=before)
            if current is None:  # the person signed in again meanwhile
                return
            if answer.claims:
                follow(current.user, read_facts(answer.claims), by=PROVIDER, keep=keep)
            remember(current, answer.refresh_token)
    except Refused as refusal:
        revoke(identity, reason=refusal.code)


@transaction.atomic
def revoke(identity: Identity, *, reason: str) -> None:
    """Deactivate the person: sessions end and access keys stop. A new sign-in undoes it."""
    before = identity.encrypted_refresh_token
    current = find_identity(pk=identity.pk, encrypted_refresh_token=before)
    if current is None:  # the person signed in again meanwhile
        return
    current.encrypted_refresh_token = ""
    current.revoked_at = timezone.now()
    current.save()
    if current.user.is_active:
        people.deactivate(person=current.user, by=PROVIDER)
    log.info("sso_revoked", person=current.user.username, reason=reason)


# Being told


def sign_out(*, subject: str) -> None:
    """End the person's sessions, as the provider asks, and ask it about the person soon."""
    with transaction.atomic():
        identity = find_identity(subject=subject)
        if identity is None:
            return
        long_ago = timezone.now() - timedelta(minutes=settings.OIDC_CHECK_MINUTES)
        User.objects.filter(pk=identity.user_id, confirmed_at__gt=long_ago).update(
            confirmed_at=long_ago
        )
        Identity.objects.filter(pk=identity.pk).update(asked_at=None)
        sessions.end_all([identity.user])
        audit.record(PROVIDER, audit.Verb.SIGN_OUT, target=people.build_target(identity.user))
