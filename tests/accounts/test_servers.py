"""The list of running servers."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Server
from accounts.servers import listed, quietly

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_server_is_listed_while_it_runs():
    with listed("127.0.0.1:8000", "1.0"):
        server = Server.objects.get()
        assert (server.host, server.address) == (socket.gethostname(), "127.0.0.1:8000")
        assert server.version == "1.0"

    assert not Server.objects.exists()


def test_a_server_says_that_it_still_runs():
    with listed("127.0.0.1:8000", "1.0") as report:
        long_ago = timezone.now() - timedelta(hours=1)
        Server.objects.update(seen_at=long_ago)
        report()
        assert not Server.objects.get().is_missing


def test_a_server_that_was_killed_is_replaced_by_its_next_run():
    Server.objects.create(host=socket.gethostname(), address="127.0.0.1:8000", version="0.9")

    with listed("127.0.0.1:8000", "1.0"):
        assert Server.objects.get().version == "1.0"


def test_a_server_that_does_not_come_back_leaves_the_list_after_a_day():
    now = timezone.now()
    Server.objects.create(host="b", address="b:1", version="1", seen_at=now - timedelta(hours=20))
    Server.objects.create(host="c", address="c:1", version="1", seen_at=now - timedelta(hours=30))

    with listed("127.0.0.1:8000", "1.0"):
        assert set(Server.objects.values_list("host", flat=True)) == {"b", socket.gethostname()}


def test_an_error_of_the_database_stops_no_server():
    with quietly():
        raise DatabaseError
