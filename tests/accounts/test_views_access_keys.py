"""The access keys page and its dialogs, with and without htmx."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from baidubce.services.bcc.bcc_client import BccClient
from django.contrib.messages import get_messages

from accounts import keys
from accounts.models import AccessKey, AuditEvent

from ..dom import find_all
from ..factories import SECRET, AccessKeyFactory, OperatorFactory, RegionFactory, UserFactory
from ..images.pages import text_of, without_ids

pytestmark = pytest.mark.django_db

LIST = "/bj/access-keys/"
CREATE = "/bj/access-keys/create/"
HTMX = {"HX-Request": "true"}


def address(key, action):
    return f"/bj/access-keys/{key.key_id}/{action}/"


@pytest.fixture
def person():
    RegionFactory.create()
    return UserFactory.create(username="mei", account__name="payments")


@pytest.fixture
def browser(client, person):
    client.force_login(person)
    return client


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


# The list


def test_an_empty_list_offers_to_create_a_key(browser):
    page = browser.get(LIST)

    assert page.status_code == 200
    assert "No access keys yet" in text_of(page)
    assert page.content.decode().count(f'href="{CREATE}"') == 1


def test_the_list_shows_only_the_keys_of_the_person(browser, person):
    AccessKeyFactory.create(
        user=person,
        key_id="ab" * 16,
        description="nightly",
        last_used_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    AccessKeyFactory.create(user=person, key_id="cd" * 16, description="", is_active=False)
    AccessKeyFactory.create(user__account=person.account, description="of a colleague")

    page = browser.get(LIST)

    text = text_of(page)
    assert "nightly" in text
    assert "Nov 23, 2026, 09:30 UTC" in text
    assert "Active" in text
    assert "Disabled" in text
    assert "Never" in text
    assert "1 of 2 active keys. To rotate a key, create a new one before you disable" in text
    assert "of a colleague" not in text
    assert f'data-copy="{"cd" * 16}"' in page.content.decode()
    assert SECRET not in page.content.decode()


@pytest.mark.parametrize("rows", [0, 1, 20])
def test_the_list_takes_five_queries(browser, person, django_assert_num_queries, rows):
    AccessKeyFactory.create_batch(rows, user=person, is_active=False)

    with django_assert_num_queries(5):
        assert len(browser.get(LIST).context["rows"]) == rows


def test_htmx_gets_only_the_list(browser, person, django_assert_num_queries):
    AccessKeyFactory.create(user=person)

    with django_assert_num_queries(4):
        answer = browser.get(LIST, headers=HTMX)

    assert "<html" not in answer.content.decode()
    assert 'id="access-keys"' in answer.content.decode()
    assert 'id="messages"' in answer.content.decode()


def test_every_page_links_to_the_list(browser):
    page = browser.get("/bj/images/").content.decode()

    assert page.count('href="/bj/access-keys/"') == 2
    links = find_all(browser.get(LIST), "a", aria_current="page")
    assert [dict(link.attributes)["href"] for link in links] == [LIST]


def test_an_operator_without_an_account_is_redirected(client):
    client.force_login(OperatorFactory.create())

    assert client.get(LIST).url == "/admin/"
    assert client.post(CREATE).url == "/admin/"
    assert not AccessKey.objects.exists()


# Create


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "dialog"])
def test_the_secret_is_shown_once(browser, person, headers):
    answer = browser.post(CREATE, {"description": "nightly"}, headers=headers)

    key = AccessKey.objects.get()
    secret = keys.decrypt_secret(key)
    html = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert (key.user, key.description, key.is_active) == (person, "nightly", True)
    assert f"<code>{secret}</code>" in html
    assert f'data-copy="{secret}"' in html
    assert key.key_id in html
    assert "The secret is shown only once. Copy it now." in text_of(answer)
    assert ("<html" in html) == (headers is None)
    assert "HX-Trigger" in answer.headers
    assert "access-keys:changed" in answer["HX-Trigger"]
    for later in (LIST, CREATE, address(key, "disable"), address(key, "delete"), "/bj/images/"):
        assert secret not in browser.get(later).content.decode()
        assert secret not in browser.get(later, headers=headers).content.decode()
    assert secret not in str(browser.session.items())
    assert secret not in str(browser.cookies)
    assert secret not in str(AuditEvent.objects.values())


def test_the_snippet_runs(browser):
    answer = browser.post(CREATE, headers={"Host": "localhost:8000"})

    key = AccessKey.objects.get()
    snippet = answer.context["snippet"]
    names: dict[str, Any] = {}
    exec(compile(snippet.partition("for ")[0], "snippet", "exec"), names)  # noqa: S102
    client = names["client"]
    assert isinstance(client, BccClient)
    assert client.config.endpoint == b"http://localhost:8000"
    assert client.config.credentials.access_key_id == key.key_id.encode()
    assert client.config.credentials.secret_access_key == keys.decrypt_secret(key).encode()
    compile(snippet, "snippet", "exec")


def test_a_get_creates_nothing(browser):
    page = browser.get(CREATE)
    dialog = browser.get(CREATE, headers=HTMX)

    assert 'name="description"' in page.content.decode()
    assert f'hx-post="{CREATE}"' in dialog.content.decode()
    assert not AccessKey.objects.exists()


def test_only_the_description_can_be_set(browser, person):
    other = UserFactory.create()
    browser.post(
        CREATE,
        {
            "description": " nightly ",
            "user": other.pk,
            "key_id": "ab" * 16,
            "is_active": "",
            "encrypted_secret": "x",
            "secret": SECRET,
        },
    )

    key = AccessKey.objects.get()
    assert (key.user, key.description, key.is_active) == (person, "nightly", True)
    assert key.key_id != "ab" * 16
    assert keys.decrypt_secret(key) != SECRET


@pytest.mark.parametrize("description", ["x" * 101, "a\0b"])
@pytest.mark.parametrize("count", [0, 2])
def test_an_invalid_description_is_refused(browser, person, description, count):
    AccessKeyFactory.create_batch(count, user=person)

    answer = browser.post(CREATE, {"description": description}, headers=HTMX)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert AccessKey.objects.count() == count


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (2, "You reached the limit of 2 active access keys. Disable or delete one first."),
        (20, "You reached the limit of 20 access keys. Delete one first."),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "dialog"])
def test_a_key_over_the_limit_is_refused(browser, person, headers, count, sentence):
    AccessKeyFactory.create_batch(count, user=person, is_active=count == 2)

    listed = browser.get(LIST)
    asked = browser.get(CREATE, headers=headers)
    answer = browser.post(CREATE, {"description": "one <more>"}, headers=headers)

    assert sentence in text_of(listed)
    assert f'href="{CREATE}"' not in listed.content.decode()
    assert (asked.status_code, answer.status_code) == (200, 422)
    assert sentence in text_of(asked)
    assert sentence in text_of(answer)
    assert 'value="one &lt;more&gt;"' in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    assert AccessKey.objects.count() == count
    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome) == ("access-key.created", "refused")


# Disable, enable and delete


@pytest.mark.parametrize(
    ("action", "is_active", "left"),
    [
        ("disable", True, [False]),
        ("enable", False, [True]),
        ("delete", True, []),
        ("delete", False, []),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "dialog"])
def test_a_key_can_be_disabled_enabled_and_deleted(client, headers, action, is_active, left):
    RegionFactory.create()
    person = UserFactory.create(username="mei")
    client.force_login(person)
    key = AccessKeyFactory.create(user=person, description="nightly", is_active=is_active)

    asked = client.get(address(key, action), headers=headers)
    assert asked.status_code == 200
    assert f'action="{address(key, action)}"' in asked.content.decode()
    assert AccessKey.objects.get().is_active is is_active
    answer = client.post(address(key, action), headers=headers)

    if headers:
        assert answer.status_code == 204
        assert set(re.findall(r'"([a-z:-]+)": ', answer["HX-Trigger"])) == {
            "access-keys:changed",
            "dialog:close",
        }
    else:
        assert (answer.status_code, answer.url) == (303, LIST)
    assert messages_of(answer) == [f"Access key nightly was {action}d."]
    assert [key.is_active for key in AccessKey.objects.all()] == left
    assert AuditEvent.objects.get().actor == "mei"


@pytest.mark.parametrize(("action", "state"), [("disable", "disabled"), ("enable", "active")])
@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "dialog"])
def test_a_change_that_has_no_effect_is_refused(browser, person, headers, action, state):
    key = AccessKeyFactory.create(user=person, is_active=action == "enable")

    asked = browser.get(address(key, action), headers=headers)
    answer = browser.post(address(key, action), headers=headers)

    assert (asked.status_code, answer.status_code) == (200, 422)
    for response in (asked, answer):
        assert f"This access key is already {state}." in text_of(response)
    assert AuditEvent.objects.get().outcome == "refused"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "dialog"])
def test_a_third_active_key_is_not_enabled(browser, person, headers):
    key = AccessKeyFactory.create(user=person, is_active=False)
    AccessKeyFactory.create_batch(2, user=person)

    listed = browser.get(LIST)
    answer = browser.post(address(key, "enable"), headers=headers)

    assert f'href="{address(key, "enable")}"' not in listed.content.decode()
    assert answer.status_code == 422
    assert "You reached the limit of 2 active access keys. Disable or delete one first." in text_of(
        answer
    )
    assert not AccessKey.objects.get(pk=key.pk).is_active


@pytest.mark.parametrize("action", ["disable", "enable", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_key_of_another_account_is_not_found(browser, action, method):
    key = AccessKeyFactory.create(is_active=action != "enable")

    answer = getattr(browser, method)(address(key, action))
    missing = getattr(browser, method)(f"/bj/access-keys/{'ef' * 16}/{action}/")

    assert (answer.status_code, missing.status_code) == (404, 404)
    assert without_ids(answer) == without_ids(missing)
    assert AccessKey.objects.get().is_active == key.is_active
    assert not AuditEvent.objects.exists()


def test_a_deleted_key_says_so(browser, person):
    key = AccessKeyFactory.create(user=person, description="ci")
    browser.post(address(key, "delete"))

    response = browser.post(address(key, "disable"), headers=HTMX)

    assert response.status_code == 404
    assert "Access key ci was deleted." in text_of(response)
    assert response.headers["HX-Trigger"] == '{"access-keys:changed": {}}'


@pytest.mark.parametrize("key_id", ["x", "AB" * 16, "ab" * 17, "%00"])
def test_a_malformed_key_id_is_not_found(browser, key_id):
    assert browser.get(f"/bj/access-keys/{key_id}/delete/").status_code in {400, 404}


def test_typed_text_is_escaped(browser, person):
    markup = "<b>&\"'"
    key = AccessKeyFactory.create(user=person, description=markup)

    for page in (LIST, address(key, "disable"), address(key, "delete")):
        assert markup not in browser.get(page).content.decode()
        assert markup not in browser.get(page, headers=HTMX).content.decode()
    assert markup not in browser.post(CREATE, {"description": markup}).content.decode()


def test_pages_have_no_inline_code(browser, person):
    key = AccessKeyFactory.create(user=person)

    for page in (browser.get(LIST), browser.get(address(key, "delete")), browser.post(CREATE)):
        html = page.content.decode()
        assert " style=" not in html
        assert "<script>" not in html


def test_creating_takes_ten_queries(browser, django_assert_num_queries):
    with django_assert_num_queries(10):
        assert browser.post(CREATE, headers=HTMX).status_code == 200


def test_changing_takes_ten_queries(browser, person, django_assert_num_queries):
    key = AccessKeyFactory.create(user=person)
    AccessKeyFactory.create_batch(10, user=person, is_active=False)

    with django_assert_num_queries(10):
        assert browser.post(address(key, "disable"), headers=HTMX).status_code == 204
