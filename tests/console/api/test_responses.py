"""Failures, and what the log and the audit trail record of a call."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import connection

from accounts.models import AuditEvent
from console.database.owner import as_owner

from ...factories import (
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
)
from ...locked import locked
from .programs import (
    NO_SUCH_KEY,
    create_image_and_instance,
    done,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db

INTERNAL = (500, "InternalError", "We encountered an internal error Please try again.")


def test_refusals_are_in_english_for_every_accept_language(program, account):
    headers = {"Accept-Language": "zh-CN,zh"}

    response = program("POST", "/v2/instance", {}, headers=headers)

    assert refusal(response)[2] == "imageId: Field required"


# Failures


def test_a_configuration_error_is_an_internal_error(program, settings, log_lines):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    response = program("GET", "/v2/image")

    assert refusal(response) == INTERNAL
    log = log_lines.getvalue()
    assert response["x-bce-request-id"] in log
    assert "ImproperlyConfigured" in log


def test_a_key_with_an_unreadable_secret_is_refused(program, log_lines):
    """A status of 500 would invite a retry, which can't succeed."""
    other = AccessKeyFactory.create()
    program.key.encrypted_secret = other.encrypted_secret
    program.key.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY
    assert "UnreadableSecret" in log_lines.getvalue()


def test_a_failing_statement_is_an_internal_error(program):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("ALTER TABLE images_image RENAME TO images_renamed")

    assert refusal(program("GET", "/v2/image")) == INTERNAL


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_database_is_reported(program, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    try:
        response = program("GET", "/v2/image")
    finally:
        monkeypatch.undo()
        connection.close()

    assert refusal(response) == (
        503,
        "InternalError",
        "The database isn't responding. Please try again.",
    )
    assert response["Retry-After"] == "2"
    done(program("GET", "/v2/image"))


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_had_in_time_means_busy(program, log_lines):
    with locked("images_image"):
        response = program("GET", "/v2/image", headers={"Accept-Language": "zh-CN"})

    assert refusal(response) == (
        503,
        "InternalError",
        "The request waited too long for another change. Nothing was changed. Please try again.",
    )
    assert response["Retry-After"] == "2"
    (line,) = map(json.loads, log_lines.getvalue().splitlines())
    assert line["database"] == "busy: canceling statement due to lock timeout"


def test_a_change_in_a_read_only_database_is_refused(program, account, read_only):
    response = program("POST", "/v2/image", {"instanceId": "i-00000000", "imageName": "golden"})

    assert refusal(response) == (
        503,
        "InternalError",
        "The database is read-only right now. Nothing was changed. Please try again.",
    )


@pytest.mark.django_db(transaction=True)
def test_a_failing_share_shares_nothing(program, account):
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create()
    path = f"/v2/image/{image.image_id}"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent RENAME TO audit_renamed")
    try:
        response = program("POST", path, {"account": recipient.name}, share="")
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_renamed RENAME TO accounts_auditevent")

    assert refusal(response) == INTERNAL
    assert not image.grants.exists()
    done(program("POST", path, {"account": recipient.name}, share=""))
    assert image.grants.count() == 1


# Audit trail and log


@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_the_audit_trail_and_the_log_have_the_request_id(program, account, caplog, outcome):
    caplog.set_level(logging.INFO)
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create() if outcome == "done" else account
    path = f"/v2/image/{image.image_id}"

    response = program("POST", path, {"account": recipient.name}, share="")

    assert (response.status_code == 200) == (outcome == "done")
    event = AuditEvent.objects.get()
    assert event.outcome == outcome
    assert event.request_id == response["x-bce-request-id"]
    assert event.channel == "api"
    assert event.access_key_id == program.key.key_id
    assert event.actor == program.key.user.username
    assert event.actor_account_id == account.account_id
    assert event.address == "127.0.0.1"
    assert event.region == "bj"
    assert event.target_id == image.image_id
    assert response["x-bce-request-id"] in caplog.text
    assert path in caplog.text


def test_the_log_and_the_audit_trail_contain_no_secrets(program, account, log_lines, settings):
    image = create_image_and_instance(account)
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
    recorded = log + repr(list(AuditEvent.objects.values()))
    for secret in (SECRET, signature, "Golden2026!", program.key.encrypted_secret):
        assert secret not in recorded


def test_reading_is_not_recorded_in_the_audit_trail(program, account):
    image = create_image_and_instance(account)

    for path in ("/v2/image", f"/v2/image/{image.image_id}", "/v2/instance", "/v2/zone"):
        done(program("GET", path))

    assert not AuditEvent.objects.exists()
