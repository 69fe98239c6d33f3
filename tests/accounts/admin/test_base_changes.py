"""What the audit trail says of changes of several rows or values in the administration."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import AuditEvent, User

from ...admin import save
from ...factories import AccountFactory, PublicImageFactory, RegionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei():
    return UserFactory.create(username="mei")


def pair(before, after):
    return {"before": before, "after": after}


def test_more_permissions_than_a_page_of_them_are_all_named(operator, mei):
    chosen = list(Permission.objects.order_by("pk")[:25])
    group = Group.objects.get(name="Operators")
    page = f"/admin/accounts/user/{mei.pk}/change/"

    save(
        operator,
        page,
        user_permissions=[each.pk for each in chosen],
        groups=[group.pk],
        is_staff="on",
    )

    changes = AuditEvent.objects.get(verb="record.changed").detail["changes"]
    assert changes["groups"] == pair("", "Operators")
    assert changes["is_staff"] == pair("False", "True")
    named = changes["user_permissions"]
    assert named == pair("", ", ".join(sorted(map(str, chosen))))


def test_a_group_that_is_taken_away_is_named(operator, mei):
    mei.groups.set(Group.objects.filter(name__in=["Auditors", "Operators"]))
    page = f"/admin/accounts/user/{mei.pk}/change/"
    auditors = Group.objects.get(name="Auditors")

    save(operator, page, groups=[auditors.pk])

    changes = AuditEvent.objects.get(verb="record.changed").detail["changes"]
    assert changes == {"groups": pair("Auditors, Operators", "Auditors")}


def test_the_region_of_a_public_image_is_named_before_and_after(operator):
    image = PublicImageFactory.create(region=RegionFactory.create(code="bj"))
    RegionFactory.create(code="su", name_en="Suzhou")

    save(operator, f"/admin/images/image/{image.pk}/change/", region="su")

    changes = AuditEvent.objects.get(verb="record.changed").detail["changes"]
    assert changes == {"region": pair("Beijing", "Suzhou")}


def test_a_removed_person_is_described(operator):
    lin = UserFactory.create(username="lin", account__name="platform", role="viewer")

    operator.post(f"/admin/accounts/user/{lin.pk}/delete/", {"post": "yes"})

    changes = AuditEvent.objects.get(verb="record.removed").detail["changes"]
    assert (changes["role"], changes["account"]) == (pair("viewer", ""), pair("platform", ""))
    assert "password" not in changes


def test_a_password_set_by_the_operator_who_adds_a_person_is_recorded(operator):
    password = dict.fromkeys(("password1", "password2"), "another-battery-staple")
    new = {"username": "lin", "role": "viewer", "account": AccountFactory.create().pk} | password
    operator.post("/admin/accounts/user/add/", new | {"usable_password": "true"})

    assert User.objects.get(username="lin").must_change_password
    event = AuditEvent.objects.get(verb="person.password-changed")
    assert (event.actor, event.target_name, event.detail) == (
        "op",
        "lin",
        {"hasPassword": True, "mustChange": True, "sessions": 0},
    )
