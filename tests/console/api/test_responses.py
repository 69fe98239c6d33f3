"""Failures, and what is logged and recorded of a call."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import connection

from accounts.models import AuditEvent

from ...factories import (
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
)
from .programs import (
    NO_SUCH_KEY,
    done,
    refusal,
    send,
    things_of,
)

pytestmark = pytest.mark.django_db

INTERNAL = (500, "InternalError", "We encountered an internal error Please try again.")


def test_refusals_are_in_english_whatever_is_asked_for(program, account):
    headers = {"Accept-Language": "zh-CN,zh"}

    answer = program("POST", "/v2/instance", {}, headers=headers)

    assert refusal(answer)[2] == "imageId: Field required"


# What fails


def test_a_failure_of_ours(program, settings, log_lines):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    answer = program("GET", "/v2/image")

    assert refusal(answer) == INTERNAL
    log = log_lines.getvalue()
    assert answer["x-bce-request-id"] in log
    assert "ImproperlyConfigured" in log


def test_a_secret_that_cannot_be_opened_is_of_no_key(program, log_lines):
    """To send it again would not help, as a status of 500 says it might."""
    other = AccessKeyFactory.create()
    program.key.encrypted_secret = other.encrypted_secret
    program.key.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY
    assert "UnreadableSecret" in log_lines.getvalue()


def test_a_statement_that_fails(program):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE images_image RENAME TO images_gone")

    assert refusal(program("GET", "/v2/image")) == INTERNAL


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away(program, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    try:
        answer = program("GET", "/v2/image")
    finally:
        monkeypatch.undo()
        connection.close()

    assert refusal(answer) == (
        503,
        "InternalError",
        "The database does not answer. Please try again.",
    )
    done(program("GET", "/v2/image"))


@pytest.mark.django_db(transaction=True)
def test_a_share_that_fails_shares_nothing(program, account):
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create()
    path = f"/v2/image/{image.image_id}"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent RENAME TO audit_gone")
    try:
        answer = program("POST", path, {"account": recipient.name}, share="")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_gone RENAME TO accounts_auditevent")

    assert refusal(answer) == INTERNAL
    assert not image.grants.exists()
    done(program("POST", path, {"account": recipient.name}, share=""))
    assert image.grants.count() == 1


# What is kept of a call


@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_the_audit_trail_and_the_log_have_the_id_of_the_answer(program, account, caplog, outcome):
    caplog.set_level(logging.INFO)
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create() if outcome == "done" else account
    path = f"/v2/image/{image.image_id}"

    answer = program("POST", path, {"account": recipient.name}, share="")

    assert (answer.status_code == 200) == (outcome == "done")
    event = AuditEvent.objects.get()
    assert event.outcome == outcome
    assert event.request_id == answer["x-bce-request-id"]
    assert event.channel == "api"
    assert event.access_key_id == program.key.key_id
    assert event.actor == program.key.user.username
    assert event.actor_account_id == account.account_id
    assert event.address == "127.0.0.1"
    assert event.region == "bj"
    assert event.target_id == image.image_id
    assert answer["x-bce-request-id"] in caplog.text
    assert path in caplog.text


def test_no_log_has_a_secret_a_signature_or_a_password(program, account, log_lines, settings):
    image = things_of(account)
    path = "/v2/instance/i-abcdefgh"
    body = {"imageId": image.image_id, "adminPass": "Golden2026!"}
    headers = program.signed("PUT", path, json.dumps(body).encode(), {"rebuild": ""}, {})

    send("PUT", path + "?rebuild", headers, json.dumps(body).encode())
    program("PUT", path, {"imageId": "m-nothing", "adminPass": "Golden2026!"}, rebuild="")
    program("PUT", path, {"adminPass": "Golden2026!"}, rebuild="")
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []
    broken = send("PUT", path + "?rebuild", headers, json.dumps(body).encode())

    assert broken.status_code == 500
    signature = headers["Authorization"].rpartition("/")[2]
    log = log_lines.getvalue()
    assert "ImproperlyConfigured" in log
    told = log + repr(list(AuditEvent.objects.values()))
    for secret in (SECRET, signature, "Golden2026!", program.key.encrypted_secret):
        assert secret not in told


def test_reading_leaves_no_audit_row(program, account):
    image = things_of(account)

    for path in ("/v2/image", f"/v2/image/{image.image_id}", "/v2/instance", "/v2/zone"):
        done(program("GET", path))

    assert not AuditEvent.objects.exists()
