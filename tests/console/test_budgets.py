"""Budgets of requests: generous, refilled evenly, and refused in the words of each surface."""

from __future__ import annotations

import pytest

from console import budgets

from ..factories import AccessKeyFactory, RegionFactory, UserFactory
from .api.programs import Program


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(budgets, "budget", budgets.Budget())


def count_accepted(budget, key, *, allowance, tries):
    accepted = 0
    for _number in range(tries):
        try:
            budget.spend(key, allowance=allowance)
        except budgets.TooManyRequests:
            continue
        accepted += 1
    return accepted


def test_each_key_has_its_own_budget():
    budget = budgets.Budget()

    assert count_accepted(budget, "mei", allowance=(5, 3600), tries=9) == 5
    assert count_accepted(budget, "lin", allowance=(5, 3600), tries=9) == 5


def test_a_budget_is_refilled_evenly(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("console.budgets.time.monotonic", lambda: now)
    budget = budgets.Budget()
    count_accepted(budget, "mei", allowance=(60, 60), tries=60)

    now += 3

    assert count_accepted(budget, "mei", allowance=(60, 60), tries=9) == 3


def test_a_refusal_says_when_one_more_fits():
    budget = budgets.Budget()
    budget.spend("mei", allowance=(1, 40))

    with pytest.raises(budgets.TooManyRequests) as caught:
        budget.spend("mei", allowance=(1, 40))

    assert caught.value.retry_after == 40


def test_only_so_many_keys_are_remembered(monkeypatch):
    monkeypatch.setattr(budgets, "MAX_KEYS", 3)
    budget = budgets.Budget()

    for number in range(10):
        budget.spend(str(number), allowance=(1, 3600))

    assert len(budget.left) == 3


def test_the_defaults_are_generous(settings):
    assert settings.REQUESTS_PER_ADDRESS == (6000, 60)
    assert settings.REQUESTS_PER_PERSON == (3000, 60)
    assert settings.CHANGES_PER_ACCOUNT == (50_000, 86_400)


@pytest.mark.django_db
def test_pages_and_all_keys_of_a_person_share_a_budget(client, settings):
    settings.REQUESTS_PER_PERSON = (3, 3600)
    RegionFactory.create()
    mei = UserFactory.create()
    client.force_login(mei)
    programs = [Program(AccessKeyFactory.create(user=mei)) for _number in range(2)]

    page = client.get("/bj/images/")
    calls = [program("GET", "/v2/image") for program in [*programs, *programs]]
    refused = calls[-1]

    assert page.status_code == 200
    assert [call.status_code for call in calls] == [200, 200, 429, 429]
    assert int(refused["Retry-After"]) == 1200
    assert refused.json()["code"] == "RequestLimitExceeded"
    assert client.get("/bj/images/").status_code == 429


@pytest.mark.django_db
def test_another_person_is_not_concerned(client_for, account, settings):
    settings.REQUESTS_PER_PERSON = (1, 3600)
    RegionFactory.create()
    mei, lin = client_for(account), client_for(account)

    answers = [browser.get("/bj/images/").status_code for browser in (mei, mei, lin)]

    assert answers == [200, 429, 200]


@pytest.mark.django_db
def test_the_page_of_a_refusal_says_what_to_do(client, headers, settings):
    settings.REQUESTS_PER_ADDRESS = (1, 20)
    client.get("/sign-in/")

    page = client.get("/sign-in/", headers=headers)

    assert page.status_code == 429
    assert page["Retry-After"] == "20"
    assert page.get("HX-Reswap") == ("none" if headers else None)
    assert "Too many requests. Try again in a few seconds." in page.content.decode()


@pytest.mark.django_db
def test_an_address_has_a_budget_signed_or_not(client, settings):
    settings.REQUESTS_PER_ADDRESS = (2, 3600)

    answers = [client.get("/v2/image").status_code for _number in range(3)]

    assert answers == [403, 403, 429]
    assert client.get("/no-such-page/").status_code == 429
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_the_addresses_of_an_ipv6_network_share_a_budget(client, settings):
    settings.REQUESTS_PER_ADDRESS = (2, 3600)
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:1::1"]

    answers = [client.get("/sign-in/", REMOTE_ADDR=each).status_code for each in addresses]

    assert answers == [200, 200, 429, 200]


@pytest.mark.django_db
def test_changes_have_a_budget_per_account_and_reading_goes_on(client_for, account, settings):
    settings.CHANGES_PER_ACCOUNT = (1, 3600)
    RegionFactory.create()
    mei, lin = client_for(account), client_for(account)

    answers = [
        mei.post("/bj/access-keys/create/", {"description": "one"}).status_code,
        lin.post("/bj/access-keys/create/", {"description": "two"}).status_code,
        lin.get("/bj/access-keys/").status_code,
    ]

    assert answers == [200, 429, 200]


@pytest.mark.django_db
def test_a_refused_address_costs_no_query(client, settings, django_assert_num_queries):
    settings.REQUESTS_PER_ADDRESS = (1, 3600)
    client.force_login(UserFactory.create())
    client.get("/readyz")
    client.get("/sign-in/")

    with django_assert_num_queries(0):
        response = client.get("/bj/images/")

    assert response.status_code == 429
