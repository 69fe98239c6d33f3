"""The pages of the people of an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import AccessKey, AuditEvent, Session, User

from ..factories import AccessKeyFactory, AccountFactory, RegionFactory, UserFactory
from ..images.pages import text_of
from .signing_in import sign_in

pytestmark = pytest.mark.django_db
LIST = "/bj/people/"
STRONG = "a-long-way-to-lhasa"


@pytest.fixture
def mei(account):
    RegionFactory.create()
    return UserFactory.create(username="mei", account=account)


@pytest.fixture
def browser(client, mei):
    client.force_login(mei)
    return client


@pytest.fixture
def lin(mei):
    return UserFactory.create(username="lin", account=mei.account, role="sharer")


def address(person, action=""):
    return f"{LIST}{person.pk}/{action}"


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def find_link(answer):
    text = answer.content.decode()
    start = text.index("http://testserver/invitation/")
    return text[start : text.index("<", start)].removeprefix("http://testserver")


# The list and the page of a person


def test_everybody_sees_the_people_of_the_account(client, browser, lin):
    UserFactory.create(username="stranger")
    UserFactory.create(username="gone", account=lin.account, is_active=False)
    AccessKeyFactory.create(user=lin)
    AccessKeyFactory.create(user=lin, is_active=False)
    client.force_login(lin)

    page = client.get(LIST)

    people = {person.username: person for person, _offers in page.context["rows"]}
    assert list(people) == ["gone", "lin", "mei"]
    assert people["lin"].active_keys == 1
    assert "Deactivated" in text_of(page)
    assert "stranger" not in text_of(page)


def test_the_navigation_leads_to_people_in_every_region(browser):
    RegionFactory.create(code="gz")
    page = browser.get(LIST)

    assert f'href="{LIST}" aria-current="page"' in page.content.decode()
    assert 'href="/gz/people/"' in page.content.decode()
    assert browser.get("/xx/people/").status_code == 404


def test_the_list_costs_the_same_number_of_queries_for_many(
    browser, mei, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        browser.get(LIST)
    UserFactory.create_batch(20, account=mei.account)
    with django_assert_max_num_queries(12):
        browser.get(LIST)


def test_a_person_was_seen_when_they_were_here(browser, mei):
    assert "Not yet" in text_of(browser.get(LIST))
    other = Client()
    sign_in(other)
    began = User.objects.get().seen_at
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        other.get("/bj/")
    other.post("/sign-out/")

    mei.refresh_from_db()
    assert mei.seen_at - began >= timedelta(minutes=29)
    assert "Not yet" not in text_of(browser.get(LIST))


def test_a_person_of_another_account_is_not_found(browser):
    stranger = UserFactory.create()

    for action in ("", "role/", "invite/", "deactivate/", "reactivate/"):
        assert browser.get(address(stranger, action)).status_code == 404
        assert browser.post(address(stranger, action)).status_code in {404, 405}


def test_who_may_not_act_sees_the_reason_on_each_button(client, lin, mei):
    AccessKeyFactory.create(user=mei)
    client.force_login(lin)
    sentence = "This needs the role Administrator in your account."

    for url in (LIST, address(mei)):
        page = client.get(url)
        assert text_of(page).count(sentence) >= 4
        assert f'href="{address(mei, "role/")}"' not in page.content.decode()
        assert "/disable/" not in page.content.decode()


# Adding and inviting


def test_an_added_person_sets_a_password_with_the_link_and_works(browser, mei, headers):
    added = browser.post(f"{LIST}add/", {"username": "wu", "role": "viewer"}, headers=headers)

    person = User.objects.get(username="wu")
    assert (person.account, person.role) == (mei.account, "viewer")
    assert "Invited" in text_of(browser.get(LIST))
    visitor = Client()
    page = visitor.get(find_link(added), follow=True)
    passwords = {"new_password1": STRONG, "new_password2": STRONG}
    visitor.post(page.request["PATH_INFO"], passwords)
    assert sign_in(Client(), "wu", STRONG).status_code == 302
    events = AuditEvent.objects.filter(target_name="wu").values_list("verb", flat=True)
    assert "person.added" in events


@pytest.mark.parametrize(
    ("username", "sentence"),
    [
        ("", "Fill in this field."),
        ("mei", "already exists"),
        ("two words", "valid username"),
        ("x" * 151, "at most 150"),
        ("a\0b", "can't be stored"),
    ],
)
def test_a_wrong_username_is_refused_beside_its_field(browser, mei, headers, username, sentence):
    answer = browser.post(f"{LIST}add/", {"username": username, "role": "viewer"}, headers=headers)

    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors["username"])
    assert User.objects.count() == 1


def test_adding_twice_adds_one_person_and_shows_a_link_that_works(browser, mei):
    form = {"username": "wu", "role": "viewer", "form_id": "11111111-2222-4333-8444-555555555555"}

    answers = [browser.post(f"{LIST}add/", form) for _ in range(2)]

    assert User.objects.filter(username="wu").count() == 1
    assert [answer.status_code for answer in answers] == [200, 200]
    page = Client().get(find_link(answers[1]), follow=True)
    assert "New password" in text_of(page)


def test_an_invitation_is_made_by_ok_only(browser, lin, headers):
    opened = browser.get(address(lin, "invite/"), headers=headers)
    assert "invitation/" not in opened.content.decode()
    assert not AuditEvent.objects.exists()

    answer = browser.post(address(lin, "invite/"), headers=headers)

    assert answer.status_code == 200
    assert find_link(answer)


# Changes


def test_a_role_is_changed(browser, lin, headers):
    opened = browser.get(address(lin, "role/"), headers=headers)
    assert opened.context["form"]["role"].value() == "sharer"

    answer = browser.post(address(lin, "role/"), {"role": "viewer"}, headers=headers)

    lin.refresh_from_db()
    assert lin.role == "viewer"
    assert messages_of(answer) == ["lin is now Viewer."]


@pytest.mark.parametrize("role", ["", "owner", "sharer"])
def test_a_wrong_or_the_same_role_is_refused_beside_its_field(browser, lin, role):
    answer = browser.post(address(lin, "role/"), {"role": role})

    assert answer.status_code == 422
    assert answer.context["form"].errors["role"]


def test_a_person_is_deactivated_and_reactivated(browser, lin, headers):
    other = Client()
    other.force_login(lin)
    browser.get(address(lin, "deactivate/"), headers=headers)
    assert User.objects.get(pk=lin.pk).is_active

    answer = browser.post(address(lin, "deactivate/"), headers=headers)

    assert messages_of(answer) == ["lin was deactivated."]
    assert not Session.objects.filter(user=lin).exists()
    assert other.get("/bj/").status_code == 302
    assert browser.post(address(lin, "deactivate/"), headers=headers).status_code == 422

    browser.post(address(lin, "reactivate/"), headers=headers)
    assert User.objects.get(pk=lin.pk).is_active


@pytest.mark.parametrize("action", ["role", "deactivate"])
def test_the_last_administrator_is_told_why_not(browser, mei, headers, action):
    opened = browser.get(address(mei, f"{action}/"), headers=headers)
    answer = browser.post(address(mei, f"{action}/"), {"role": "viewer"}, headers=headers)

    sentence = "This is the last administrator of the account."
    assert sentence in text_of(opened)
    assert sentence in text_of(answer)
    assert answer.status_code == 422
    mei.refresh_from_db()
    assert (mei.role, mei.is_active) == ("admin", True)


def test_an_administrator_may_step_down_if_another_stays(browser, mei):
    UserFactory.create(account=mei.account)

    browser.post(address(mei, "role/"), {"role": "viewer"})

    assert browser.post(address(mei, "role/"), {"role": "admin"}).status_code == 403


# Access keys of others


def test_an_administrator_disables_and_deletes_the_key_of_a_colleague(browser, lin, headers):
    key = AccessKeyFactory.create(user=lin)
    url = f"/bj/access-keys/{key.key_id}/"
    assert f"{url}disable/" in browser.get(address(lin)).content.decode()

    browser.post(f"{url}disable/", headers=headers)
    assert not AccessKey.objects.get().is_active
    enabling = browser.post(f"{url}enable/", headers=headers)
    assert enabling.status_code == 403
    assert "You can manage only your own access keys." in text_of(enabling)
    answer = browser.post(f"{url}delete/", headers=headers)

    assert not AccessKey.objects.exists()
    if not headers:
        assert answer.url == address(lin)


def test_people_of_other_accounts_are_not_counted(browser, mei):
    AccessKeyFactory.create(user__account=AccountFactory.create())

    page = browser.get(LIST)

    assert [person.active_keys for person, _offers in page.context["rows"]] == [0]


def test_where_nobody_has_a_password_nobody_is_added_by_invitation(browser, settings, headers):
    settings.LOCAL_SIGN_IN = False
    sentence = "People sign in with single sign-on here"

    page = browser.get(LIST)
    answer = browser.post(f"{LIST}add/", {"username": "wu", "role": "viewer"}, headers=headers)

    assert sentence in text_of(page)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not User.objects.filter(username="wu").exists()


def test_a_role_that_single_sign_on_gives_is_not_changed_here(browser, lin, settings):
    lin.confirmed_at = timezone.now()
    lin.save()
    assert browser.get(address(lin, "role/")).status_code == 200
    settings.OIDC_ROLES = {"sharers": "sharer"}

    answer = browser.post(address(lin, "role/"), {"role": "admin"})

    assert "Single sign-on gives this person the role." in text_of(answer)
    lin.refresh_from_db()
    assert lin.role == "sharer"


def test_a_person_of_single_sign_on_gets_no_password(browser, lin, headers):
    lin.confirmed_at = timezone.now()
    lin.save()

    answer = browser.post(address(lin, "invite/"), headers=headers)

    assert answer.status_code == 422
    assert "lin signs in with single sign-on, so there is no password to set." in text_of(answer)
