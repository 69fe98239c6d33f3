"""An operator views the console as another account."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent

from ..dom import find_all, get_text
from ..factories import (
    PASSWORD,
    AccountFactory,
    ImageFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SENTENCE = "You are viewing payments as an operator. Nothing can be changed."


@pytest.fixture
def payments():
    RegionFactory.create()
    return AccountFactory.create(name="payments", account_id="ab" * 16)


@pytest.fixture
def viewer(operator, payments):
    """Return an operator's browser that views `payments`."""
    response = operator.post(f"/view-as/{payments.account_id}/")
    assert (response.status_code, response["Location"]) == (303, "/")
    return operator


def test_an_operator_sees_what_the_account_sees(viewer, payments):
    ImageFactory.create(owner=payments, name="golden")
    ImageFactory.create(name="somebody-elses")

    page = viewer.get("/bj/images/")

    assert "golden" in page.text
    assert "somebody-elses" not in page.text
    (banner,) = find_all(page, "form", class_="message viewing warn")
    assert get_text(banner) == f"{SENTENCE}Stop viewing"


@pytest.mark.parametrize("address", ["images/", "", "instances/", "activity/", "inbox/"])
def test_every_page_of_the_account_opens(viewer, address):
    assert viewer.get(f"/bj/{address}").status_code == 200


def test_nothing_can_be_changed(viewer, payments, headers):
    image = ImageFactory.create(owner=payments)
    ShareGrantFactory.create(image=image, recipient__name="risk")

    for address, data in (
        ("share", {"accounts": "risk", "acknowledged": "on"}),
        ("unshare", {"recipients": image.grants.get().recipient.account_id}),
        ("edit", {"name": "other", "desc": ""}),
        ("delete", {}),
    ):
        response = viewer.post(f"/bj/images/{image.image_id}/{address}/", data, headers=headers)
        assert response.status_code == 403, address
        assert "You are viewing this account as an operator" in response.text

    image.refresh_from_db()
    assert (image.name != "other", image.grants.count()) == (True, 1)
    assert not AuditEvent.objects.filter(target_id=image.image_id).exists()


@pytest.mark.parametrize(
    "address", ["access-keys/", "access-keys/create/", "profile/", "time-zone/"]
)
def test_pages_about_the_person_do_not_open(viewer, address):
    """They would show the operator's own keys beside the name of the account."""
    assert viewer.get(f"/bj/{address}").status_code == 403
    assert not find_all(viewer.get("/bj/"), "a", href=f"/bj/{address}")


def test_the_account_sees_in_its_activity_that_it_was_viewed(viewer, payments, client_for):
    page = client_for(payments).get("/bj/activity/").text

    assert "Viewed the console as this account" in page
    event = AuditEvent.objects.get()
    assert (event.channel, event.actor, event.target_id) == ("admin", "op", payments.account_id)


def test_the_view_ends_where_it_began(viewer, payments):
    response = viewer.post("/view-as/stop/")

    assert response["Location"] == f"/admin/accounts/account/{payments.pk}/change/"
    assert viewer.get("/bj/images/")["Location"] == "/admin/"


def get_events(payments):
    events = AuditEvent.objects.concerning(payments).order_by("pk")
    return [(event.verb, event.actor, event.channel) for event in events]


VIEWED = ("account.viewed", "op", "admin")
STOPPED = ("account.viewing-stopped", "op", "admin")


@pytest.mark.parametrize("address", ["/view-as/stop/", "/sign-out/"])
def test_the_account_sees_that_the_view_ended(viewer, payments, client_for, address):
    viewer.post(address)

    assert get_events(payments) == [VIEWED, STOPPED]
    page = client_for(payments).get("/bj/activity/").text
    assert "Stopped viewing as this account" in page


def test_the_view_of_another_account_ends_the_first(viewer, payments):
    viewer.post(f"/view-as/{AccountFactory.create().account_id}/")

    assert get_events(payments) == [VIEWED, STOPPED]


def test_what_was_not_viewed_is_not_stopped(operator, payments):
    operator.post("/view-as/stop/")
    operator.post("/sign-out/")

    assert get_events(payments) == []


def test_the_view_ends_with_the_session(viewer):
    viewer.post("/sign-out/")

    assert viewer.get("/bj/images/")["Location"].startswith("/sign-in/")


def test_the_administration_stays_the_operators(viewer):
    assert viewer.get("/admin/").status_code == 200


def test_a_form_of_the_own_account_is_not_sent_as_the_viewed_one(client, payments, headers):
    client.force_login(UserFactory.create(username="olga", is_staff=True, is_superuser=True))
    own = f"{'cd' * 16} own olga"
    client.post(f"/view-as/{payments.account_id}/")

    response = client.get("/bj/images/", headers={**headers, "X-Drawn-For": own})

    assert response.status_code == 409


@pytest.mark.parametrize("permissions", [[], ["change_account"]])
def test_it_needs_the_permission_to_view_accounts(client, payments, permissions):
    clerk = UserFactory.create(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(clerk)

    assert client.post(f"/view-as/{payments.account_id}/").status_code == 403
    assert not AuditEvent.objects.exists()


def test_it_ends_when_the_permission_is_taken_away(client, payments):
    clerk = UserFactory.create(is_staff=True)
    permission = Permission.objects.get(codename="view_account")
    clerk.user_permissions.add(permission)
    client.force_login(clerk)
    client.post(f"/view-as/{payments.account_id}/")
    assert "viewing payments" in client.get("/bj/").text

    clerk.user_permissions.remove(permission)

    assert "viewing payments" not in client.get("/bj/").text


def test_ordinary_people_cannot_view_other_accounts(client_for, account, payments):
    browser = client_for(account)

    assert browser.post(f"/view-as/{payments.account_id}/").status_code == 403
    assert browser.get(f"/view-as/{payments.account_id}/").status_code == 405


def test_a_new_password_is_the_operators_own_business(viewer, payments):
    viewer.post(
        "/new-password/",
        {
            "old_password": PASSWORD,
            "new_password1": "horse-battery-9",
            "new_password2": "horse-battery-9",
        },
    )

    event = AuditEvent.objects.get(verb="person.password-changed")
    assert (event.actor, event.actor_account, event.accounts) == ("op", "", [])
    assert get_events(payments) == [VIEWED, STOPPED]
    assert viewer.get("/bj/images/")["Location"] == "/admin/"
