"""The system checks of the keys that encrypt secrets."""

from __future__ import annotations

import re

from cryptography.fernet import Fernet
from django.core import checks
from django.db import connection

from ..factories import AccessKeyFactory

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def problems(**options):
    return [
        (each.id, each.msg) for each in checks.run_checks(**options) if each.id.startswith("acc")
    ]


def test_malformed_encryption_keys_are_told_by_their_place(settings):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = [NEW, "swordfish", NEW[:-4], ""]

    said = problems()

    assert [number for number, _text in said] == ["accounts.E001"] * 3
    assert [re.search(r"number (\d)", text).group(1) for _number, text in said] == ["2", "3", "4"]
    assert "swordfish" not in str(said)
    assert NEW[:-4] not in str(said)


def test_a_lost_encryption_key_is_told(person, settings):
    AccessKeyFactory.create_batch(2)
    assert problems(databases=["default"]) == []

    for lost in ([NEW], []):
        settings.ACCESS_KEY_ENCRYPTION_KEYS = lost
        ((number, text),) = problems(databases=["default"])
        assert number == "accounts.E002"
        assert "does not open the secrets of 2 access keys" in text
        assert problems() == []


def test_a_malformed_encryption_key_is_told_once(person, settings):
    AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = ["swordfish"]

    assert [number for number, _text in problems(databases=["default"])] == ["accounts.E001"]


def test_a_database_that_is_not_migrated_yet_has_no_problem(person):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_accesskey RENAME TO not_yet")

    assert problems(databases=["default"]) == []
