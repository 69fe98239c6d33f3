"""Requests that are sent again with the same signature, by a client or by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ...factories import AccountFactory, ImageFactory
from .programs import as_bytes, done, refusal, send

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T12:00:00Z"
AT_NOON = 1795435200


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def replay(program, account):
    """Return a function that sends one signed share again, and unshares without a trace of it."""
    image = ImageFactory.create(owner=account)
    AccountFactory.create(name="payments")
    path, body = f"/v2/image/{image.image_id}", as_bytes({"account": "payments"})
    signed = program.signed("POST", path, body, {"share": ""}, {}, at=AT_NOON)

    def replay():
        image.grants.all().delete()
        return send("POST", f"{path}?share", signed, body)

    return replay


def test_a_share_is_not_accepted_again_once_its_date_is_old(clock, replay, settings):
    settings.HTTPS = True
    done(replay())
    clock.shift(timedelta(seconds=5))
    done(replay())
    clock.shift(timedelta(seconds=1))

    status, code, message = refusal(replay())

    assert (status, code) == (400, "RequestExpired")
    assert message == f"Request has expired. Timestamp date is {NOON}."


def test_reading_can_be_repeated(clock, program, settings):
    settings.HTTPS = True
    signed = program.signed("GET", "/v2/image", b"", {}, {}, at=AT_NOON)

    for _number in range(3):
        done(send("GET", "/v2/image", signed))
        clock.shift(timedelta(minutes=5))


def test_without_https_a_request_can_be_repeated(clock, replay):
    for _number in range(3):
        done(replay())
        clock.shift(timedelta(minutes=5))
