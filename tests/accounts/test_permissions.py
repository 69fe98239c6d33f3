"""The ready-made groups."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from accounts.models import Account
from images.models import Instance

from ..factories import AccountFactory, InstanceFactory, OperatorFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db

LISTS = [
    *("accounts/account", "accounts/user", "accounts/accesskey", "accounts/auditevent"),
    *("images/image", "images/instance", "images/region", "images/sharegrant"),
]


@pytest.fixture
def member_of(client):
    def member_of(group):
        person = OperatorFactory.create(is_superuser=False)
        person.groups.add(Group.objects.get(name=group))
        client.force_login(person)
        return client

    return member_of


@pytest.mark.parametrize("group", ["Operators", "Auditors"])
def test_operators_and_auditors_see_every_list(member_of, group):
    client = member_of(group)

    assert [client.get(f"/admin/{each}/").status_code for each in LISTS] == [200] * 8


def test_auditors_change_nothing(member_of):
    client = member_of("Auditors")
    account, grant, instance = (
        AccountFactory.create(),
        ShareGrantFactory.create(),
        InstanceFactory.create(),
    )
    tried = [
        ("accounts/account/add/", {}),
        (f"accounts/account/{account.pk}/change/", {"name": "changed"}),
        (f"accounts/account/{account.pk}/delete/", {"post": "yes"}),
        (f"images/image/{grant.image.pk}/share/", {"accounts": account.name}),
    ]
    action = {"action": "release", "_selected_action": [instance.pk]}

    statuses = [client.post(f"/admin/{path}", data).status_code for path, data in tried]
    client.post("/admin/images/instance/", action)

    assert statuses == [403] * 4
    assert Account.objects.get(pk=account.pk).name == account.name
    assert Instance.objects.live().get() == instance


def test_operators_manage_accounts_but_not_permissions(member_of):
    client = member_of("Operators")

    assert client.get("/admin/accounts/account/add/").status_code == 200
    person = OperatorFactory.create(is_superuser=False)
    page = client.get(f"/admin/accounts/user/{person.pk}/change/")
    assert "groups" not in page.context["adminform"].form.fields


def test_a_superuser_puts_a_person_into_a_group(operator):
    person = OperatorFactory.create(is_superuser=False)
    url = f"/admin/accounts/user/{person.pk}/change/"

    assert "Auditors" in operator.get(url).content.decode()


def test_a_migration_updates_the_groups():
    Group.objects.get(name="Operators").permissions.clear()
    Group.objects.get(name="Auditors").delete()

    call_command("migrate", verbosity=0)

    codes = Group.objects.get(name="Auditors").permissions.values_list("codename", flat=True)
    assert {code.split("_")[0] for code in codes} == {"view"}
    assert {"view_auditevent", "view_image"} <= set(codes)
    assert Group.objects.get(name="Operators").permissions.filter(codename="add_account").exists()
