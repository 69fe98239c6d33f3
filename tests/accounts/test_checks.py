"""The system checks of keys and of single sign-on."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.db import connection

from ..factories import AccessKeyFactory

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def problems(**options):
    return [
        (each.id, each.msg) for each in checks.run_checks(**options) if each.id.startswith("acc")
    ]


@pytest.mark.parametrize(
    ("name", "number"),
    [("ACCESS_KEY_ENCRYPTION_KEYS", "accounts.E001"), ("AUDIT_SIGNING_KEYS", "accounts.E004")],
)
def test_malformed_keys_are_reported_by_position(settings, name, number):
    setattr(settings, name, [NEW, "swordfish", NEW[:-4], ""])

    found = problems()

    assert [check_id for check_id, _text in found] == [number] * 3
    assert [text for _check_id, text in found] == [
        f"Key {position} in {name} is not a valid Fernet key (32 random bytes in URL-safe Base64)."
        for position in (2, 3, 4)
    ]
    assert "swordfish" not in str(found)
    assert NEW[:-4] not in str(found)


@pytest.mark.parametrize(("keys", "number"), [([NEW], 0), ([], 1)])
def test_a_trail_that_nothing_seals_is_reported_by_check_deploy(settings, keys, number):
    settings.AUDIT_SIGNING_KEYS = keys

    assert problems() == []
    found = [text for _check_id, text in problems(include_deployment_checks=True)]
    assert found == ["AUDIT_SIGNING_KEYS is not set: nothing seals the audit trail."] * number


def test_a_missing_encryption_key_is_reported(person, settings):
    AccessKeyFactory.create_batch(2)
    assert problems(databases=["default"]) == []

    for other_keys in ([NEW], []):
        settings.ACCESS_KEY_ENCRYPTION_KEYS = other_keys
        ((check_id, text),) = problems(databases=["default"])
        assert check_id == "accounts.E002"
        assert text == (
            "ACCESS_KEY_ENCRYPTION_KEYS can't decrypt the secrets of 2 access keys. "
            "The key that encrypted them is missing."
        )
        assert problems() == []


def test_a_malformed_encryption_key_is_reported_once(person, settings):
    AccessKeyFactory.create()
    settings.ACCESS_KEY_ENCRYPTION_KEYS = ["swordfish"]

    assert [check_id for check_id, _text in problems(databases=["default"])] == ["accounts.E001"]


def test_a_database_that_is_not_migrated_yet_is_skipped(person):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("ALTER TABLE accounts_accesskey RENAME TO not_yet")

    assert problems(databases=["default"]) == []


def test_complete_settings_of_single_sign_on_are_fine(settings):
    assert sso_problems(settings) == []
    assert sso_problems(settings, LOCAL_SIGN_IN=False) == []
    assert sso_problems(settings, OIDC_ISSUER="http://localhost:8080/realms/one") == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"OIDC_ISSUER": "", "LOCAL_SIGN_IN": False},
            "LOCAL_SIGN_IN is 0, but OIDC_ISSUER is not set: nobody can sign in.",
        ),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_ISSUER is set, but OIDC_CLIENT_ID is not."),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_ISSUER is set, but OIDC_CLIENT_SECRET is not."),
        ({"OIDC_ISSUER": "http://id.example"}, "OIDC_ISSUER must start with https://."),
        ({"OIDC_SCOPES": ["profile"]}, "OIDC_SCOPES must contain openid."),
        (
            {"OIDC_ROLES": {"all": "owner"}},
            "OIDC_ROLES names the role owner. Use viewer, sharer or admin.",
        ),
        (
            {"OIDC_GRACE_MINUTES": 15},
            "OIDC_GRACE_MINUTES must be more than OIDC_CHECK_MINUTES.",
        ),
    ],
)
def test_wrong_settings_of_single_sign_on_are_reported(settings, changes, text):
    assert sso_problems(settings, **changes) == [("accounts.E003", text)]


def sso_problems(settings, **changes):
    complete = {
        "OIDC_ISSUER": "https://id.example",
        "OIDC_CLIENT_ID": "console",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_ROLES": {"admins": "admin"},
    }
    for name, value in (complete | changes).items():
        setattr(settings, name, value)
    return problems()
