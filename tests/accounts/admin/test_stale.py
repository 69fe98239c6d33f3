"""A form that was opened before somebody else's change doesn't overwrite it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Account, AuditEvent, User
from images.models import Image

from ...admin import open_form, read_form, save
from ...factories import (
    AccountFactory,
    OperatorFactory,
    PublicImageFactory,
    RegionFactory,
    UserFactory,
)
from ...images.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    """Return the browser of a second operator."""
    browser = Client()
    browser.force_login(OperatorFactory.create(username="op2"))
    return browser


def page_of(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


@pytest.mark.parametrize(
    ("factory", "field", "values"),
    [
        (AccountFactory, "name", ("search", "branch")),
        (UserFactory, "username", ("mei", "ann")),
        (RegionFactory, "name_en", ("Peking", "Pekin")),
        (PublicImageFactory, "name", ("Debian-13", "Debian-12")),
    ],
)
def test_a_change_of_the_same_field_is_refused_with_both_values(
    operator, other, factory, field, values
):
    theirs, mine = values
    row = factory.create()
    form = open_form(operator, page_of(row))
    save(other, page_of(row), **{field: theirs})

    refused = operator.post(page_of(row), form | {field: mine})

    row.refresh_from_db()
    assert getattr(row, field) == theirs
    text = text_of(refused)
    assert f"op2 changed this to {theirs}. Save again to set what you entered." in text
    assert f'value="{mine}"' in refused.content.decode()
    assert AuditEvent.objects.filter(verb="record.changed").count() == 1

    saved = operator.post(page_of(row), read_form(refused))

    row.refresh_from_db()
    assert (saved.status_code, getattr(row, field)) == (302, mine)
    before = AuditEvent.objects.filter(actor="op").first().detail["changes"][field]["before"]
    assert before == theirs


def test_a_field_that_only_somebody_else_changed_shows_their_value(operator, other):
    account = AccountFactory.create(name="payments", recipient_limit=5)
    form = open_form(operator, page_of(account))
    save(other, page_of(account), recipient_limit=38, limits_reason="pilot")

    refused = operator.post(page_of(account), form | {"name": "pay"})

    assert "op2 changed this from 5 to 38." in text_of(refused)
    assert "This was changed while you had it open. Check the marked fields." in text_of(refused)
    operator.post(page_of(account), read_form(refused))
    account.refresh_from_db()
    assert (account.name, account.recipient_limit) == ("pay", 38)


def test_the_same_change_by_both_is_no_conflict(operator, other):
    account = AccountFactory.create()
    form = open_form(operator, page_of(account))
    save(other, page_of(account), name="pay")

    assert operator.post(page_of(account), form | {"name": "pay"}).status_code == 302
    assert AuditEvent.objects.count() == 1


def test_a_change_outside_the_administration_is_found_too(operator):
    person = UserFactory.create(account__name="payments")
    form = open_form(operator, page_of(person))
    moved = AccountFactory.create(name="search")
    User.objects.filter(pk=person.pk).update(account=moved, is_active=False)

    refused = text_of(operator.post(page_of(person), form | {"username": "mei"}))

    assert "Somebody else changed this from payments to search." in refused
    assert "Somebody else changed this from Yes to No." in refused
    assert User.objects.get(pk=person.pk).account == moved


def test_permissions_and_choices_are_compared_in_words(operator):
    person = OperatorFactory.create()
    image = PublicImageFactory.create(settled_status="Available")
    permission = Permission.objects.get(codename="view_region")
    forms = {each: open_form(operator, page_of(each)) for each in (person, image)}
    person.user_permissions.add(permission)
    Image.objects.update(settled_status="NotAvailable")

    told = [text_of(operator.post(page_of(each), form)) for each, form in forms.items()]

    assert f"changed this from empty to {permission}." in told[0]
    assert "changed this from Available to Unavailable." in told[1]
    assert person.user_permissions.count() == 1


def test_an_invalid_value_is_kept_beside_the_change(operator, other):
    account = AccountFactory.create()
    form = open_form(operator, page_of(account))
    save(other, page_of(account), recipient_limit=38, limits_reason="pilot")

    refused = operator.post(page_of(account), form | {"recipient_limit": "many"})

    assert "op2 changed this to 38." in text_of(refused)
    assert 'value="many"' in refused.content.decode()


@pytest.mark.parametrize("shown", ["", "made-up", None])
def test_a_form_that_does_not_tell_what_it_showed_is_refused(operator, shown):
    account = AccountFactory.create(name="payments")
    form = open_form(operator, page_of(account)) | {"name": "pay", "shown": shown}
    form = {name: value for name, value in form.items() if value is not None}

    refused = operator.post(page_of(account), form)

    assert "This form has expired. Check its values, then save it again." in text_of(refused)
    assert Account.objects.get().name == "payments"
    assert operator.post(page_of(account), read_form(refused)).status_code == 302
    assert Account.objects.get().name == "pay"


def test_a_form_of_another_object_is_refused(operator):
    account, another = AccountFactory.create_batch(2)
    form = open_form(operator, page_of(another))

    refused = operator.post(page_of(account), form | {"name": "pay"})

    assert "This form has expired." in text_of(refused)


def test_no_page_carries_the_hash_of_a_password(operator):
    person = UserFactory.create()

    form = open_form(operator, page_of(person))

    assert "password" not in form
    assert person.password not in str(form)
