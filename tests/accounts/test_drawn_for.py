"""Whom a request was drawn for, and who is signed in now."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.exceptions import SuspiciousOperation

from accounts import drawn_for

from ..factories import AccountFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db

ACCOUNT_ID = "0123456789abcdef" * 2


@pytest.fixture
def mei():
    account = AccountFactory.create(name="平台", account_id=ACCOUNT_ID)
    return UserFactory.create(username="mei@b.c", account=account)


def sign_in(request, user):
    """Set what the middleware sets for this person."""
    request.user = user
    if user.account:
        request.account = user.account
    return request


@pytest.fixture(params=["field", "header"])
def find_other(request, rf):
    """Return a function that finds whom a request was drawn for, by its form or by htmx."""

    def find_other(text, user):
        if request.param == "field":
            sent = rf.post("/", {"drawn_for": text})
        else:
            sent = rf.get("/", headers={"X-Drawn-For": quote(text)})
        return drawn_for.find_other(sign_in(sent, user))

    return find_other


def test_a_page_says_its_account_and_person(rf, mei):
    assert str(drawn_for.describe(sign_in(rf.get("/"), mei))) == f"{ACCOUNT_ID} 平台 mei@b.c"


def test_a_page_of_an_operator_without_an_account_says_nobody(rf):
    assert drawn_for.describe(sign_in(rf.get("/"), OperatorFactory.create())) is None


def test_the_same_account_and_person_may_go_on(find_other, mei):
    assert find_other(f"{ACCOUNT_ID} 平台 mei@b.c", mei) is None


def test_a_renamed_account_is_the_same(find_other, mei):
    assert find_other(f"{ACCOUNT_ID} platform mei@b.c", mei) is None


def test_a_request_that_does_not_say_it_is_taken_as_it_is(rf, mei):
    assert drawn_for.find_other(sign_in(rf.post("/"), mei)) is None


@pytest.mark.parametrize(
    "text", [f"{'ab' * 16} 平台 mei@b.c", f"{ACCOUNT_ID} 平台 li"], ids=["account", "person"]
)
def test_another_account_or_person_is_found(find_other, mei, text):
    other = find_other(text, mei)

    assert str(other) == text


@pytest.mark.parametrize(
    "text",
    [
        "x",
        f"{ACCOUNT_ID} <b> mei",
        f"{ACCOUNT_ID} platform mei please call",
        f"{ACCOUNT_ID} {'a' * 65} mei",
        f"{ACCOUNT_ID} platform {'a' * 151}",
        f"{ACCOUNT_ID} platform mei\n",
    ],
)
def test_other_text_is_a_bad_request(find_other, mei, text):
    with pytest.raises(SuspiciousOperation):
        find_other(text, mei)
