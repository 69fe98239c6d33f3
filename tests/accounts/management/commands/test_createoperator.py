"""`manage.py createoperator`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, User

from ....factories import UserFactory

pytestmark = pytest.mark.django_db

NEW = "seven-golden-servers"


def createoperator(*arguments):
    out = io.StringIO()
    call_command("createoperator", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_link_leads_to_the_administration(client):
    link = createoperator("lin", "--url=http://testserver")
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    page = client.post(address, {"new_password1": NEW, "new_password2": NEW}, follow=True)

    assert page.redirect_chain[-1] == ("/admin/", 302)
    assert page.status_code == 200
    operator = User.objects.get()
    assert (operator.username, operator.account) == ("lin", None)
    assert operator.is_staff
    assert operator.is_superuser


def test_the_operator_has_no_password_before():
    createoperator("lin")

    assert not User.objects.get().has_usable_password()


def test_everything_is_one_batch_of_the_audit_trail():
    createoperator("lin")

    events = AuditEvent.objects.order_by("pk").values_list("verb", "channel", "request_id")
    assert [verb for verb, _, _ in events] == [
        "person.added",
        "record.changed",
        "person.invited",
    ]
    assert {channel for _, channel, _ in events} == {"system"}
    assert len({request_id for _, _, request_id in events} - {""}) == 1


def test_a_name_that_exists_is_refused():
    UserFactory.create(username="lin")

    with pytest.raises(CommandError, match=r"already exists\. .+ use manage\.py invite\."):
        createoperator("lin")

    assert not User.objects.get().is_staff


def test_without_passwords_it_is_refused(settings):
    settings.LOCAL_SIGN_IN = False

    with pytest.raises(CommandError, match=r"^People sign in with single sign-on here"):
        createoperator("lin")

    assert not User.objects.exists()
