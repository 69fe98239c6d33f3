"""Forms that are sent twice. Both responses tell what the first one did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.idempotency import TOKEN_LIFETIME
from accounts.models import AccessKey, AuditEvent, ClientToken, User
from images.models import Image, Instance

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..images.pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

ONCE = {"form_id": "a" * 22}
LAUNCH = {"spec": "bcc.g5.c2m8", "name": "web", "count": "1", "login": "image", **ONCE}


@pytest.fixture
def image():
    return ImageFactory.create(name="golden", image_id="m-golden00")


@pytest.fixture
def person(image):
    return UserFactory.create(account=image.owner)


@pytest.fixture
def browser(client, person):
    client.force_login(person)
    return client


def outcome_of(response):
    """Return everything that a browser sees of a response."""
    names = ("Location", "HX-Trigger", "HX-Redirect")
    messages = [(str(each), each.extra_tags) for each in get_messages(response.wsgi_request)]
    return response.status_code, {n: response.headers.get(n) for n in names}, messages


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", "outcome"))


def send_twice(browser, path, fields, headers):
    """Send a form in two windows, so that each shows only its own message."""
    other = Client()
    other.force_login(User.objects.get(pk=browser.session["_auth_user_id"]))
    responses = [each.post(path, {**fields, **ONCE}, headers=headers) for each in (browser, other)]
    return [outcome_of(response) for response in responses]


def test_an_image_is_shared_once(browser, image, headers):
    fields = {"accounts": AccountFactory.create(name="payments").name, "acknowledged": "on"}

    first, second = send_twice(browser, page_of(image, "share/"), fields, headers)

    assert first == second
    assert first[0] == (204 if headers else 303)
    assert first[2] == [("golden is now shared with payments.", "")]
    assert verbs() == [("image.shared", "done")]


def test_an_image_is_unshared_once_and_both_responses_offer_the_same_undo(browser, image, headers):
    grant = ShareGrantFactory.create(image=image)
    fields = {"recipients": grant.recipient.account_id}

    first, second = send_twice(browser, page_of(image, "unshare/"), fields, headers)

    assert first == second
    event = AuditEvent.objects.get()
    assert first[2][0][1] == page_of(image, f"restore/{event.pk}/")


def test_an_unshare_is_undone_once(browser, image, headers):
    grant = ShareGrantFactory.create(image=image)
    browser.post(page_of(image, "unshare/"), {"recipients": grant.recipient.account_id})
    path = page_of(image, f"restore/{AuditEvent.objects.get().pk}/")

    first, second = send_twice(browser, path, {}, headers)

    assert first[0] == second[0] == (204 if headers else 303)
    assert first[2][-1] == second[2][-1]
    assert verbs() == [("image.unshared", "done"), ("image.shares-restored", "done")]


@pytest.mark.parametrize("current", ["/bj/images/", "/bj/images/m-golden00/"])
def test_an_image_is_deleted_once(browser, image, htmx, current):
    headers = htmx | {"HX-Current-URL": f"http://testserver{current}"}

    first, second = send_twice(browser, page_of(image, "delete/"), {}, headers)

    assert first == second
    assert first[2] == [("golden was deleted.", "")]
    is_on_its_page = current != "/bj/images/"
    assert (first[1]["HX-Redirect"] == "/bj/images/") == is_on_its_page


def test_an_instance_is_created_once(browser, image, headers):
    first, second = send_twice(
        browser, "/bj/instances/create/", {**LAUNCH, "image": image.image_id}, headers
    )

    assert first == second
    assert first[1]["HX-Redirect" if headers else "Location"] == "/bj/instances/"
    assert Instance.objects.get().name == "web"


def test_an_image_is_created_once(browser, image, headers):
    instance = InstanceFactory.create(owner=image.owner)
    fields = {"instance": instance.instance_id, "name": "silver", "desc": ""}

    first, second = send_twice(browser, "/bj/images/create/", fields, headers)

    assert first == second
    assert Image.objects.filter(name="silver").count() == 1


@pytest.mark.parametrize(
    ("action", "state"), [("stop", {}), ("start", {"stopped": True}), ("release", {})]
)
def test_an_instance_is_changed_once(browser, image, headers, action, state):
    instance = InstanceFactory.create(owner=image.owner, image=image, **state)
    path = f"/bj/instances/{instance.instance_id}/{action}/"

    first, second = send_twice(browser, path, {}, headers)

    assert first == second
    assert first[0] == (204 if headers else 303)
    assert len(verbs()) == 1


# What is the same request


def test_other_values_are_another_request(browser, image):
    for name in ("payments", "search"):
        assert (
            share(browser, image, AccountFactory.create(name=name).name, **ONCE).status_code == 303
        )

    assert image.grants.count() == 2


def test_another_form_path_or_person_is_another_request(browser, image):
    other = ImageFactory.create(owner=image.owner)
    colleague = Client()
    colleague.force_login(UserFactory.create(account=image.owner))

    statuses = [
        browser.post(page_of(image, "delete/"), ONCE).status_code,
        browser.post(page_of(image, "delete/"), {"form_id": "b"}).status_code,
        colleague.post(page_of(image, "delete/"), ONCE).status_code,
        browser.post(page_of(other, "delete/"), ONCE).status_code,
    ]

    assert statuses == [303, 404, 404, 303]


def test_another_file_is_another_request(browser, image):
    def create(text):
        file = SimpleUploadedFile("accounts.csv", text)
        fields = {"image": image.image_id, "file": file, **LAUNCH}
        assert browser.post("/bj/instances/create/", fields).status_code == 303

    for text in (b"payments", b"payments", b"search"):
        create(text)

    assert Instance.objects.count() == 2


def test_a_new_csrf_token_is_the_same_request(browser, image):
    for token in ("x", "y"):
        response = browser.post(page_of(image, "delete/"), {**ONCE, "csrfmiddlewaretoken": token})
        assert response.status_code == 303


def test_a_form_without_an_id_runs_each_time(browser, image):
    statuses = [browser.post(page_of(image, "delete/")).status_code for _ in range(2)]

    assert statuses == [303, 404]
    assert not ClientToken.objects.exists()


def test_a_form_is_forgotten_a_day_later(browser, image, time_machine):
    browser.post(page_of(image, "delete/"), ONCE)
    time_machine.move_to(timezone.now() + TOKEN_LIFETIME + timedelta(minutes=1))
    browser.force_login(User.objects.get())

    assert browser.post(page_of(image, "delete/"), ONCE).status_code == 404
    assert ClientToken.objects.count() == 1


# Refusals and errors


def test_a_refusal_can_be_corrected_elsewhere_and_sent_again(browser, image, headers):
    grant = ShareGrantFactory.create(image=image)

    refused = browser.post(page_of(image, "delete/"), ONCE, headers=headers)
    grant.delete()
    again = browser.post(page_of(image, "delete/"), ONCE, headers=headers)

    assert (refused.status_code, again.status_code) == (422, 204 if headers else 303)
    assert verbs() == [("image.deleted", "refused"), ("image.deleted", "done")]


def test_after_an_error_nothing_is_kept_and_the_form_can_be_sent_again(browser, image):
    def fail(execute, sql, *arguments):
        if sql.startswith("INSERT INTO accounts_auditevent"):
            raise OperationalError
        return execute(sql, *arguments)

    browser.raise_request_exception = False
    with connection.execute_wrapper(fail):
        assert browser.post(page_of(image, "delete/"), ONCE).status_code == 503
    assert Image.objects.exists()

    assert browser.post(page_of(image, "delete/"), ONCE).status_code == 303
    assert verbs() == [("image.deleted", "done")]


def test_checking_recipients_stores_nothing(browser, image):
    for _ in range(2):
        assert (
            browser.post(page_of(image, "share/check/"), ONCE | {"accounts": "x"}).status_code
            == 200
        )

    assert not ClientToken.objects.exists()


# Messages


def test_a_message_that_waits_to_be_shown_is_shown_once(browser, image):
    for _ in range(2):
        browser.post(page_of(image, "delete/"), ONCE)

    assert text_of(browser.get("/bj/images/")).count("golden was deleted.") == 1


def test_another_message_that_waits_is_kept(browser, image):
    other = ImageFactory.create(owner=image.owner, name="silver")
    browser.post(page_of(image, "delete/"), ONCE)
    browser.post(page_of(other, "delete/"), ONCE)
    browser.get("/bj/images/")
    browser.post(page_of(image, "delete/"), ONCE)
    browser.post(page_of(other, "delete/"), ONCE)

    page = text_of(browser.get("/bj/images/"))
    assert page.count("golden was deleted.") == page.count("silver was deleted.") == 1


# The secret of an access key


@pytest.fixture
def create_key(browser):
    RegionFactory.create(code="bj")

    def create_key(headers=None):
        fields = {"description": "nightly", **ONCE}
        return browser.post("/bj/access-keys/create/", fields, headers=headers)

    return create_key


def test_the_secret_is_shown_again_to_a_request_repeated_at_once(create_key, headers):
    first, second = create_key(headers), create_key(headers)

    secret = keys.decrypt_secret(AccessKey.objects.get())
    for response in (first, second):
        assert secret in response.content.decode()
    assert first.headers.get("HX-Trigger") == second.headers.get("HX-Trigger")
    assert secret not in str(ClientToken.objects.values())


def test_the_secret_is_not_shown_after_a_minute(create_key, time_machine, headers):
    time_machine.move_to(timezone.now(), tick=False)
    create_key(headers)
    time_machine.shift(timedelta(seconds=61))

    again = create_key(headers)

    assert again.status_code == (204 if headers else 303)
    (message,) = get_messages(again.wsgi_request)
    assert str(message) == "Access key nightly was created. Its secret can't be shown again."
    assert AccessKey.objects.count() == 1


def test_a_key_that_was_deleted_meanwhile_is_not_created_again(create_key):
    create_key()
    key = AccessKey.objects.get()
    key.delete()

    assert create_key().status_code == 303
    assert not AccessKey.objects.exists()


@pytest.mark.django_db
def test_beyond_the_limit_of_ids_forms_still_work(client, user, settings):
    settings.MAX_CLIENT_TOKENS = 0
    client.force_login(user)

    page = client.post("/bj/access-keys/create/", {"description": "one", "form_id": "a"})

    assert page.status_code == 200
    assert AccessKey.objects.count() == 1
