"""The operators' page that invites a person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditEvent

from ...factories import OperatorFactory, UserFactory
from .test_departments import get_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei():
    return UserFactory.create(username="mei", account__name="payments")


def url(person):
    return f"/admin/accounts/user/{person.pk}/invite/"


def test_the_page_of_a_person_leads_to_the_invitation(operator, mei):
    assert url(mei) in operator.get(f"/admin/accounts/user/{mei.pk}/change/").content.decode()
    assert "Invite mei" in operator.get(url(mei)).content.decode()
    assert not AuditEvent.objects.exists()


def test_the_link_sets_a_password(operator, mei):
    link = get_link(operator.post(url(mei)))

    assert "You are <b>mei</b>" in Client().get(link, follow=True).content.decode()
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.channel) == ("person.invited", "op", "admin")


def test_who_cant_sign_in_is_not_invited(operator, mei):
    mei.is_active = False
    mei.save()

    page = operator.post(url(mei), follow=True).content.decode()

    assert "mei is deactivated. Reactivate this person first." in page
    assert url(mei) not in page


def test_only_superusers_invite_superusers(operator):
    other = OperatorFactory.create(is_superuser=False)
    other.user_permissions.set(Permission.objects.filter(codename="change_user"))
    client = Client()
    client.force_login(other)

    assert client.post(url(OperatorFactory.create())).status_code == 403
    assert client.post(url(UserFactory.create())).status_code == 200


def test_an_unknown_person_is_not_found(operator):
    assert operator.post("/admin/accounts/user/0/invite/").status_code == 404
