"""Operators manage people who may do no more than they, and only superusers make operators."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group

from accounts import invitations, keys, people, permissions
from accounts.actors import SYSTEM, Actor, Channel
from accounts.models import AuditEvent, Role

from ..factories import AccessKeyFactory, AccountFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def working(operator):
    """Return the actor of an operator in the administration."""
    return Actor(
        account=None,
        name=operator.username,
        role=Role.ADMIN,
        channel=Channel.ADMIN,
        operator=operator,
    )


@pytest.fixture
def clerk():
    """Return an actor who is in the group Operators."""
    person = OperatorFactory.create(is_superuser=False)
    person.groups.add(Group.objects.get(name="Operators"))
    return working(person)


@pytest.fixture
def boss():
    return OperatorFactory.create(account=AccountFactory.create(), username="boss")


def calls_about(person, by):
    return [
        lambda: people.change_role(person=person, role="viewer", by=by),
        lambda: people.deactivate(person=person, by=by),
        lambda: people.reactivate(person=person, by=by),
        lambda: people.move(person=person, to=AccountFactory.create(), by=by),
        lambda: invitations.issue(person=person, by=by),
        lambda: keys.disable(key=AccessKeyFactory.create(user=person), by=by),
        lambda: keys.delete(key=AccessKeyFactory.create(user=person), by=by),
    ]


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_does_anything_to_a_person_who_may_do_more(clerk, boss, is_active):
    boss.is_active = is_active
    boss.save()
    before = type(boss).objects.values().get(pk=boss.pk)

    for call in calls_about(boss, clerk):
        with pytest.raises(permissions.PersonMayDoMore) as refusal:
            call()

    assert str(refusal.value) == "This person may do more than you. Ask a superuser."
    assert type(boss).objects.values().get(pk=boss.pk) == before
    events = AuditEvent.objects.filter(outcome="refused", reason="person-may-do-more")
    about = [event.target_type for event in events]
    assert about == ["access-key"] * 2 + ["user"] * 5


def test_a_group_can_be_more_than_another(boss, clerk):
    auditor = OperatorFactory.create(is_superuser=False)
    auditor.groups.add(Group.objects.get(name="Auditors"))
    person = clerk.operator

    with pytest.raises(permissions.PersonMayDoMore):
        people.deactivate(person=person, by=working(auditor))
    people.deactivate(person=auditor, by=clerk)

    auditor.refresh_from_db()
    assert not auditor.is_active


def test_people_without_permissions_are_managed_by_every_operator(clerk):
    person = UserFactory.create()

    people.change_role(person=person, role="viewer", by=clerk)
    people.deactivate(person=person, by=clerk)
    people.reactivate(person=person, by=clerk)

    assert invitations.issue(person=person, by=clerk)


def test_superusers_commands_and_the_provider_manage_everybody(boss):
    for by in (working(OperatorFactory.create()), SYSTEM, replace(SYSTEM, channel=Channel.SSO)):
        people.deactivate(person=boss, by=by)
        people.reactivate(person=boss, by=by)


def test_an_administration_without_a_known_operator_reaches_no_operator(boss):
    nobody = replace(SYSTEM, channel=Channel.ADMIN)

    with pytest.raises(permissions.PersonMayDoMore):
        people.deactivate(person=boss, by=nobody)
    with pytest.raises(people.OnlySuperusers):
        people.add(account=None, username="new", role="admin", by=nobody, is_staff=True)


def test_only_superusers_add_operators(clerk, boss):
    with pytest.raises(people.OnlySuperusers) as refusal:
        people.add(account=None, username="new", role="admin", by=clerk, is_staff=True)

    assert str(refusal.value) == ("Only superusers can add operators or change their permissions.")
    new = people.add(account=None, username="new", role="admin", by=working(boss), is_staff=True)
    assert new.is_staff
