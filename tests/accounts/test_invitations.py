"""Issuing and accepting invitations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import invitations, people
from accounts.actors import SYSTEM, Actor, Channel
from accounts.closed import AccountIsClosed
from accounts.models import AuditEvent, Role
from accounts.roles import RoleNeeded

from ..factories import AccountFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = "seven-golden-servers"


def build_actor(person, role=Role.ADMIN):
    return Actor(account=person.account, name=person.username, role=role, channel=Channel.CONSOLE)


def accept(person, token, password=NEW):
    return invitations.accept(person=person, token=token, password=password, by=build_actor(person))


def test_an_invitation_is_a_path_with_a_token(user):
    path = invitations.issue(person=user, by=SYSTEM)

    assert path.startswith("/invitation/")
    event = AuditEvent.objects.get()
    assert (event.verb, event.target_name, event.accounts) == (
        "person.invited",
        "mei",
        [user.account.account_id],
    )
    assert path.split("/")[3] not in str(event.__dict__)


def test_accepting_sets_the_password_and_the_person_need_not_change_it(user):
    user.must_change_password = True
    user.save()

    accept(user, invitations.tokens.make_token(user))

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not user.must_change_password
    assert AuditEvent.objects.get().verb == "person.joined"


def test_an_invitation_works_once(user):
    token = invitations.tokens.make_token(user)
    accept(user, token)

    with pytest.raises(invitations.InvitationIsInvalid):
        accept(user, token, "another-golden-server")

    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize("change", ["account", "is_staff", "is_superuser"])
def test_an_invitation_ends_when_others_manage_the_person(user, change):
    token = invitations.tokens.make_token(user)
    setattr(user, change, AccountFactory.create() if change == "account" else True)
    user.save()

    with pytest.raises(invitations.InvitationIsInvalid):
        accept(user, token)


def test_accepting_one_invitation_ends_the_others(user):
    tokens = [invitations.tokens.make_token(user) for _ in range(2)]
    accept(user, tokens[0])

    with pytest.raises(invitations.InvitationIsInvalid):
        accept(user, tokens[1])


def deactivate(person):
    person.is_active = False
    person.save()


def close(person):
    person.account.closed_at = timezone.now() - timedelta(hours=1)
    person.account.save()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [(deactivate, invitations.PersonCantSignIn), (close, AccountIsClosed)],
)
def test_who_cant_sign_in_cant_be_invited(user, change, refusal):
    token = invitations.tokens.make_token(user)
    change(user)

    with pytest.raises(refusal):
        invitations.issue(person=user, by=SYSTEM)
    with pytest.raises(invitations.InvitationIsInvalid):
        accept(user, token)


def test_without_passwords_nobody_is_invited(user, settings):
    token = invitations.tokens.make_token(user)
    settings.LOCAL_SIGN_IN = False

    with pytest.raises(invitations.NoPasswords):
        invitations.issue(person=user, by=SYSTEM)
    with pytest.raises(invitations.InvitationIsInvalid):
        accept(user, token)


def test_administrators_invite_the_people_of_their_account(user):
    admin = UserFactory.create(account=user.account)

    assert invitations.issue(person=user, by=build_actor(admin))
    with pytest.raises(RoleNeeded):
        invitations.issue(person=user, by=build_actor(admin, Role.SHARER))


def test_nobody_invites_people_of_other_accounts_or_operators(user):
    other = UserFactory.create(account=AccountFactory.create())
    operator = OperatorFactory.create(account=user.account)

    with pytest.raises(people.NotOwnPeople):
        invitations.issue(person=other, by=build_actor(user))
    with pytest.raises(people.PersonIsOperator):
        invitations.issue(person=operator, by=build_actor(user))


def test_deactivating_a_person_ends_the_invitations(user):
    token = invitations.tokens.make_token(user)
    UserFactory.create(account=user.account)
    people.deactivate(person=user, by=SYSTEM)
    person = people.reactivate(person=user, by=SYSTEM)

    with pytest.raises(invitations.InvitationIsInvalid):
        accept(person, token)

    assert accept(person, invitations.tokens.make_token(person))
