"""Requests of a page that was drawn for another account or person than is signed in."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import AuditEvent
from images.models import Image, Instance, ShareGrant

from ..dom import find_all, get_text
from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    UserFactory,
)
from ..images.pages import page_of, text_of

pytestmark = pytest.mark.django_db

OLD_ID = "ab" * 16
OLD = f"{OLD_ID} platform mei"
NAMES_ACCOUNTS = (
    "This page belongs to account platform, but you are now signed in to account payments. "
    "Nothing was changed."
)
NAMES_PEOPLE = (
    "This page belongs to mei, but li is now signed in to account payments. Nothing was changed."
)


@pytest.fixture
def li():
    account = AccountFactory.create(name="payments", account_id="cd" * 16)
    return UserFactory.create(username="li", account=account)


@pytest.fixture
def image(li):
    return ImageFactory.create(owner=li.account, name="golden", image_id="m-golden00")


@pytest.fixture
def browser(client, li, image):
    client.force_login(li)
    return client


def all_rows():
    models = (Image, Instance, ShareGrant, AuditEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


def get_fields(response):
    """Return the hidden fields of the form that changes something."""
    (form,) = (
        form for form in find_all(response, "form") if find_all(form, "input", name="form_id")
    )
    pairs = [dict(field.attributes) for field in find_all(form, "input", type="hidden")]
    return {field["name"]: field["value"] for field in pairs}


@pytest.mark.parametrize("dialog", ["delete/", "edit/", "share/", "copy/"])
def test_a_form_drawn_for_another_changes_nothing(browser, image, headers, dialog):
    before = all_rows()
    fields = {"drawn_for": OLD, "name": "new", "desc": "", "accounts": "x", "regions": "gz"}

    response = browser.post(page_of(image, dialog), fields, headers=headers)

    assert response.status_code == 409
    assert all_rows() == before
    assert NAMES_ACCOUNTS in text_of(response)
    assert not find_all(response, "form")
    assert ("<html" in response.content.decode()) == (not headers)


@pytest.mark.parametrize(
    ("old", "sentence", "label"),
    [
        (OLD, NAMES_ACCOUNTS, "Continue as payments"),
        (f"{OLD_ID} platform li", NAMES_ACCOUNTS, "Continue as payments"),
        (f"{'cd' * 16} payments mei", NAMES_PEOPLE, "Continue as li"),
    ],
    ids=["somebody-else", "moved", "colleague"],
)
def test_both_are_named_and_a_fresh_page_is_offered(browser, image, old, sentence, label):
    response = browser.post(page_of(image, "delete/"), {"drawn_for": old})

    (link,) = find_all(response, "a", class_="button primary")
    assert sentence in text_of(response)
    assert (get_text(link), dict(link.attributes)["href"]) == (label, "/bj/images/")
    assert browser.get("/bj/images/").status_code == 200


@pytest.mark.parametrize("path", ["m-golden00/share/", "", "progress/?id=m-golden00"])
def test_a_request_of_a_page_drawn_for_another_shows_nothing(browser, htmx, path):
    header = {"X-Drawn-For": quote(OLD)}

    response = browser.get(f"/bj/images/{path}", headers=htmx | header)

    assert response.status_code == 409
    assert NAMES_ACCOUNTS in text_of(response)
    assert "golden" not in response.content.decode()


@pytest.mark.parametrize(
    ("page", "fresh"),
    [
        ("/bj/activity/?verb=image.shared", "/bj/activity/"),
        ("/gz/instances/", "/gz/instances/"),
        ("/bj/instances/create/?image=m-golden00", "/bj/instances/create/"),
        ("/bj/instances/i-abcdefgh/", "/bj/instances/"),
        ("/gz/images/m-abcdefgh/share/", "/gz/images/"),
        ("/gz/access-keys/", "/gz/access-keys/"),
        ("/styleguide/", "/"),
        ("/nowhere", "/bj/inbox/"),
    ],
)
def test_the_fresh_page_is_the_one_the_person_is_on(browser, htmx, page, fresh):
    headers = {"HX-Current-URL": f"http://testserver{page}", "X-Drawn-For": quote(OLD)}

    response = browser.get("/bj/inbox/", headers=htmx | headers)

    links = find_all(response, "a", class_="button primary")  # of the dialog and of the notice
    assert {dict(link.attributes)["href"] for link in links} == {fresh}


def test_a_key_of_a_colleague_leads_to_the_own_keys(browser, li):
    key = AccessKeyFactory.create(user__account=li.account)
    fields = {"drawn_for": f"{'cd' * 16} payments mei"}

    response = browser.post(f"/bj/access-keys/{key.key_id}/delete/", fields)

    assert response.status_code == 409
    assert find_all(response, "a", href="/bj/access-keys/")


def test_malformed_text_is_not_shown(browser, image):
    fields = {"drawn_for": f"{OLD_ID} Call 555 now"}

    response = browser.post(page_of(image, "delete/"), fields)

    assert response.status_code == 400
    assert "555" not in response.content.decode()
    assert Image.objects.exists()


def test_a_form_without_the_field_is_taken_as_it_is(browser, image):
    assert browser.post(page_of(image, "delete/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        *("m-golden00/share/", "m-golden00/edit/", "m-golden00/copy/", "m-golden00/delete/"),
        "create/",
    ],
)
def test_each_form_is_drawn_for_its_reader_and_has_an_id_of_its_own(browser, headers, path):
    first, second = (
        get_fields(browser.get(f"/bj/images/{path}", headers=headers)) for _ in range(2)
    )

    assert first["drawn_for"] == second["drawn_for"] == f"{'cd' * 16} payments li"
    assert len(first["form_id"]) == len(second["form_id"]) == 22
    assert first["form_id"] != second["form_id"]


def test_a_page_says_whom_it_was_drawn_for(browser):
    (body,) = find_all(browser.get("/bj/images/"), "body")

    assert dict(body.attributes)["data-drawn-for"] == f"{'cd' * 16} payments li"


def test_a_form_of_an_operator_without_an_account_is_drawn_for_nobody(client, htmx):
    client.force_login(OperatorFactory.create())

    assert "drawn_for" not in get_fields(client.get("/styleguide/dialog/", headers=htmx))


def test_somebody_not_signed_in_is_asked_to_sign_in(client, headers):
    response = client.post("/bj/images/m-golden00/delete/", {"drawn_for": OLD}, headers=headers)

    assert response.status_code == (401 if headers else 302)


# A sign-in changes the CSRF token, so most of these forms fail that check first.


@pytest.fixture
def strict(li, image):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(li)
    return browser


def test_a_form_of_another_with_an_old_token_is_not_offered_again(strict, image, headers):
    fields = {"drawn_for": OLD, "csrfmiddlewaretoken": "x" * 64}

    response = strict.post(page_of(image, "delete/"), fields, headers=headers)

    assert response.status_code == 409
    assert NAMES_ACCOUNTS in text_of(response)
    assert not find_all(response, "input")
    assert Image.objects.exists()


def test_a_form_of_the_same_person_with_an_old_token_can_be_sent_again(strict, image, headers):
    fields = {"drawn_for": f"{'cd' * 16} payments li", "csrfmiddlewaretoken": "x" * 64}

    response = strict.post(page_of(image, "delete/"), fields, headers=headers)

    assert response.status_code == 403
    assert ("Submit it again." if headers else "This form has expired") in text_of(response)


def test_a_sign_in_form_with_an_old_token_has_expired():
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"drawn_for": OLD})

    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
