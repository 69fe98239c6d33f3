"""Passwords are hashed one after the other, because each takes 100 MB of memory."""

from __future__ import annotations

import threading

import psutil
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from accounts import hashers
from accounts.models import Attempt
from tests.factories import UserFactory
from tests.images.pages import text_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def argon2(settings):
    """Use the hash of the console, which is too slow for other tests."""
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2InTurn"]


@pytest.fixture
def crowd(monkeypatch):
    """Have somebody else's password checked for ever, and nobody wait for long."""
    monkeypatch.setattr(hashers, "PATIENCE", 0.1)
    with hashers.in_turn():
        yield


@pytest.fixture
def person():
    person = UserFactory.create(username="mei")
    person.set_password("golden-images")
    person.save()


def sign_in(client):
    client.raise_request_exception = False
    return client.post("/sign-in/", {"username": "mei", "password": "golden-images"})


def test_hashes_are_those_of_django():
    encoded = make_password("golden-images")
    parameters = identify_hasher(encoded).decode(encoded)["params"]

    assert encoded.startswith("argon2$argon2id$")
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (102400, 2, 8)
    assert check_password("golden-images", encoded)
    assert not check_password("silver-images", encoded)


def test_sixteen_at_once_need_the_memory_of_one():
    encoded = make_password("golden-images")
    process = psutil.Process()
    idle = process.memory_info().rss
    most, done = [idle], threading.Event()

    def watch():
        while not done.wait(0.005):
            most.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        results = at_once(*[lambda: check_in_turn(encoded)] * 16)
    finally:
        done.set()
        watcher.join()

    assert all(results)
    assert max(most) - idle < 250 * 1024 * 1024


def check_in_turn(encoded):
    """Check a password, as often as a client would try."""
    for _ in range(20):
        try:
            return check_password("golden-images", encoded)
        except hashers.Busy:
            continue
    return False


def test_a_sign_in_that_waits_too_long_is_busy_and_no_attempt(client, person, crowd):
    response = sign_in(client)

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "this had to wait too long. Nothing was changed. Try again in a" in text_of(response)
    assert set(Attempt.objects.values_list("spent", flat=True)) == {0}


def test_the_next_sign_in_gets_its_turn(client, person, monkeypatch):
    monkeypatch.setattr(hashers, "PATIENCE", 0.1)
    with hashers.in_turn():
        sign_in(client)

    assert sign_in(client).status_code == 302
