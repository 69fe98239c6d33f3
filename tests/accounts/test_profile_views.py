"""The own page: password, sessions, language and time zone."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AuditEvent, User

from ..dom import find_all, get_text
from ..factories import PASSWORD, OperatorFactory, RegionFactory, UserFactory
from ..images.pages import text_of
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/bj/profile/"
DIALOG = "/bj/profile/password/"
FORCED = "/new-password/"
NEW = "another-battery-staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"


def typed(old=PASSWORD, new=NEW, again=None):
    return {"old_password": old, "new_password1": new, "new_password2": again or new}


def last_event():
    event = AuditEvent.objects.first()
    return (event.verb, event.outcome, event.reason, event.actor)


@pytest.fixture
def browser(client, user):
    sign_in(client, headers={"User-Agent": FIREFOX})
    return client


def get_rows(answer):
    return [get_text(row) for row in find_all(find_all(answer, "tbody")[0], "tr")]


# The page


def test_the_page_shows_who_one_is_and_where_one_is_signed_in(browser, user):
    sign_in(Client(), REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "curl/8.14.1"})
    sign_in(Client(), "nobody")
    UserFactory.create(username="lin", account=user.account)
    sign_in(Client(), "lin")

    page = browser.get(PAGE)

    assert "mei" in text_of(page)
    assert "Administrator" in text_of(page)
    this, other = get_rows(page)
    assert "Firefox on Linux" in this
    assert "This session" in this
    assert "192.0.2.7" in other
    assert "curl/8.14.1" in other
    assert "This session" not in other


def test_every_page_has_a_link_to_it(browser):
    assert f'href="{PAGE}"' in browser.get("/bj/images/").content.decode()


@pytest.mark.parametrize("others", [0, 1, 20])
def test_the_queries_do_not_depend_on_the_sessions(browser, django_assert_num_queries, others):
    for _ in range(others):
        sign_in(Client())
    browser.get(PAGE)

    with django_assert_num_queries(5):
        browser.get(PAGE)


def test_everywhere_else_is_offered_if_there_is_an_elsewhere(browser, headers):
    assert "Sign out everywhere else" not in text_of(browser.get(PAGE))
    elsewhere = Client()
    sign_in(elsewhere)
    assert "Sign out everywhere else" in text_of(browser.get(PAGE))

    answer = browser.post(f"{PAGE}sign-out-elsewhere/", headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "1 other session was ended." in text_of(browser.get(PAGE))
    assert elsewhere.get(PAGE).status_code == 302
    assert browser.get(f"{PAGE}sign-out-elsewhere/").status_code == 405


def test_who_has_no_password_cannot_change_it(client, user):
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    assert "Change password" not in text_of(client.get(PAGE))


# The password


def test_a_person_changes_the_password_and_stays_signed_in(browser, user, headers):
    elsewhere = Client()
    sign_in(elsewhere)

    answer = browser.post(DIALOG, typed(), headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "Your password was changed." in text_of(browser.get(PAGE))
    assert elsewhere.get(PAGE).status_code == 302
    assert sign_in(Client()).status_code == 422
    assert sign_in(Client(), password=NEW).status_code == 302
    changed = AuditEvent.objects.get(verb="person.password-changed")
    assert (changed.outcome, changed.actor, changed.target_name) == ("done", "mei", "mei")
    assert NEW not in str(changed.detail)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (typed(old="wrong"), "This isn't your current password."),
        (typed(again="other"), "The passwords are different. Enter the same one twice."),
        (typed(new=PASSWORD), "Choose a password that differs from the current one."),
        (typed(new="seven-7"), "This password is too short."),
        (typed(new="123456789"), "This password is entirely numeric."),
        (typed(new="password123"), "This password is too common."),
        ({}, "Fill in this field."),
    ],
)
def test_another_password_is_refused(browser, user, headers, values, sentence):
    answer = browser.post(DIALOG, values, headers=headers)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert PASSWORD not in answer.content.decode()
    assert NEW not in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_wrong_current_password_is_recorded_and_guesses_are_limited(browser, user):
    for _ in range(10):
        assert "This isn't your" in text_of(browser.post(DIALOG, typed(old="wrong")))
    assert last_event() == ("person.password-changed", "refused", "wrong-current-password", "mei")

    answer = browser.post(DIALOG, typed())

    assert (answer.status_code, last_event()[2]) == (422, "too-many-tries")
    assert "Too many attempts." in text_of(answer)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_every_role_may_change_the_own_password(browser):
    User.objects.update(role="viewer")

    assert browser.post(DIALOG, typed()).status_code == 303


# A password that somebody else set


@pytest.fixture
def newcomer(client, user):
    User.objects.update(must_change_password=True)
    return client


@pytest.mark.parametrize("path", ["/", "/bj/", PAGE, DIALOG, "/bj/images/", "/bj/access-keys/"])
def test_nothing_but_a_new_password_works(newcomer, path, htmx):
    sign_in(newcomer)

    page, fragment = newcomer.get(path), newcomer.get(path, headers=htmx)
    posted = newcomer.post(path, typed())

    assert (page.status_code, page.url) == (302, f"{FORCED}?next={path}")
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, FORCED)
    assert (posted.status_code, posted.url) == (302, f"{FORCED}?next={path}")
    assert User.objects.get().check_password(PASSWORD)


def test_a_new_password_leads_to_what_was_asked_for(newcomer):
    sign_in(newcomer)
    page = newcomer.get("/bj/images/?type=shared", follow=True)
    assert "Somebody else set the password of mei." in text_of(page)
    refused = newcomer.post(FORCED, typed(new=PASSWORD))
    assert (refused.status_code, User.objects.get().must_change_password) == (422, True)

    answer = newcomer.post(FORCED, typed() | {"next": "/bj/images/?type=shared"})

    assert (answer.status_code, answer.url) == (303, "/bj/images/?type=shared")
    assert newcomer.get("/bj/images/").status_code == 200


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(newcomer, url):
    sign_in(newcomer)

    assert newcomer.post(FORCED, typed() | {"next": url}).url == "/"


def test_signing_out_and_the_language_still_work(newcomer):
    sign_in(newcomer)

    assert newcomer.post("/language/", {"language": "zh-hans"}).status_code == 302
    assert newcomer.post("/sign-out/").status_code == 302
    assert newcomer.get(FORCED).url == f"/sign-in/?next={FORCED}"


def test_an_operator_without_an_account_must_change_it_too(client):
    RegionFactory.create()
    OperatorFactory.create(username="op", must_change_password=True)
    sign_in(client, "op")

    assert client.get("/admin/").url == f"{FORCED}?next=/admin/"
    assert client.post(FORCED, typed() | {"next": "/admin/"}).url == "/admin/"
    assert client.get("/admin/").status_code == 200
