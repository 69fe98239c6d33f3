from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Identity, User

from ...admin import last_event
from ...factories import OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_operator_connects_a_person(operator, settings):
    settings.OIDC_ISSUER = "https://id.example"
    mei = UserFactory.create(username="mei")
    form = operator.get("/admin/accounts/identity/add/").context["adminform"].form

    operator.post(
        "/admin/accounts/identity/add/", {"user": mei.pk, "subject": "4711", **form.initial}
    )

    identity = Identity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (mei, "https://id.example", "4711")
    assert last_event()[2:4] == ("record.added", "done")


def test_an_operator_disconnects_a_person(operator):
    mei = UserFactory.create(confirmed_at=timezone.now())
    identity = Identity.objects.create(user=mei, issuer="https://id.example", subject="4711")

    operator.post(f"/admin/accounts/identity/{identity.pk}/delete/", {"post": "yes"})

    assert not Identity.objects.exists()
    assert User.objects.get(pk=mei.pk).confirmed_at is None
    assert last_event()[2:4] == ("record.removed", "done")


def test_an_identity_cant_be_changed_and_shows_no_token(operator):
    identity = Identity.objects.create(
        user=UserFactory.create(), issuer="https://id.example", encrypted_refresh_token="gAAAAA"
    )
    url = f"/admin/accounts/identity/{identity.pk}/change/"

    assert "gAAAAA" not in operator.get(url).content.decode()
    assert operator.post(url, {"subject": "4712"}).status_code == 403


def test_nobody_connects_or_disconnects_a_person_who_may_do_more(client):
    clerk, boss, other = (
        OperatorFactory.create(is_superuser=False),
        *OperatorFactory.create_batch(2),
    )
    clerk.groups.add(Group.objects.get(name="Operators"))
    identity = Identity.objects.create(user=other, issuer="https://id.example", subject="1")
    client.force_login(clerk)

    added = client.post(
        "/admin/accounts/identity/add/",
        {"user": boss.pk, "issuer": "https://id.example", "subject": "4711"},
    )
    removed = client.post(f"/admin/accounts/identity/{identity.pk}/delete/", {"post": "yes"})

    assert (added.status_code, removed.status_code) == (422, 403)
    assert added.context["adminform"].form.errors == {
        "user": ["This person may do more than you. Ask a superuser."]
    }
    assert list(Identity.objects.all()) == [identity]
