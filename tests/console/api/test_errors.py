"""Every refusal has an API error, and codes and statuses are in one module only."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest

import console.api
from accounts import exceptions, keys, limits
from console.api import errors
from images import closing, holdings, quotas, restoring, rules, sharing, strangers

FOLDER = Path(console.api.__file__).parent


# The domain modules that the API calls. Only pages use the others.
MODULES = {f"accounts.{name}" for name in ("signing", "keys", "limits", "idempotency", "closed")}
HANDLERS = ["images", "sharing", "instances", "regions"]


# Refusals that no API call can raise, and why
NOT_ON_THE_WIRE: dict[type[exceptions.Refused], str] = {
    rules.DescriptionTooLong: "no call takes a description",
    keys.NotOwnAccessKey: "access keys are created in the console",
    keys.NoAccount: "access keys are created in the console",
    keys.TooManyAccessKeys: "access keys are created in the console",
    keys.TooManyActiveAccessKeys: "access keys are created in the console",
    keys.AccessKeyIsActive: "access keys are created in the console",
    keys.AccessKeyIsDisabled: "access keys are created in the console",
    keys.AccessKeyNotUsable: "only the audit trail says it",
    keys.WrongSignature: "only the audit trail says it",
    strangers.NotYourImage: "only the audit trail says it",
    quotas.NoRoomForImages: "accounts are closed in the administration",
    holdings.AccountIsInUse: "accounts are deleted in the administration",
    closing.OwnAccount: "accounts are closed in the administration",
    closing.PeopleMayDoMore: "accounts are closed in the administration",
    closing.NoNewOwner: "accounts are closed in the administration",
    closing.SameOwner: "accounts are closed in the administration",
    closing.HoldingsChanged: "accounts are closed in the administration",
    closing.NotReleasable: "accounts are closed in the administration",
    sharing.WrongColumn: "programs send no tables",
    sharing.EntriesRefused: "the verdict on its entries has the error",
    restoring.TooLateToRestore: "unsharing is undone in the console",
    restoring.AlreadyRestored: "unsharing is undone in the console",
    restoring.SharesNotRestored: "unsharing is undone in the console",
    restoring.NothingToRestore: "unsharing is undone in the console",
}


def refusals(base=exceptions.Refused):
    for refusal in base.__subclasses__():
        if refusal.__module__ in MODULES or refusal.__module__.startswith(("images.", "console.")):
            yield refusal
            yield from refusals(refusal)


@pytest.mark.parametrize("refusal", sorted(refusals(), key=lambda refusal: refusal.__qualname__))
def test_every_refusal_has_an_error(refusal):
    assert (refusal in errors.ERRORS) != (refusal in NOT_ON_THE_WIRE)


def test_the_refusals_are_found():
    expected: set[type[exceptions.Refused]] = {limits.TooManyTries, rules.InvalidName}
    assert expected <= set(refusals())
    assert set(NOT_ON_THE_WIRE) <= set(refusals())


@pytest.mark.parametrize("verdict", sharing.Verdict)
def test_every_verdict_that_refuses_has_an_error(verdict):
    assert (verdict in errors.ERRORS_BY_VERDICT) == verdict.is_refusal


def test_an_error_has_a_status_and_a_code():
    api_errors = [
        *errors.ERRORS.values(),
        *errors.ERRORS_BY_VERDICT.values(),
        *(error for table in errors.ERRORS_BY_VERB.values() for error in table.values()),
    ]

    for status, code, _message in api_errors:
        assert 400 <= status < 500
        assert re.fullmatch(r"(Image\.|Instance\.)?[A-Z][A-Za-z]+", code)


def test_a_refusal_without_an_error_is_an_internal_error_in_json(client, monkeypatch):
    """If a refusal is missing in the table, the program still gets JSON."""
    monkeypatch.delitem(errors.ERRORS, errors.NoSuchOperation)
    client.raise_request_exception = False

    response = client.get("/v2/nothing")

    assert response.status_code == 500
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.json()["code"] == "InternalError"


def constants(module):
    tree = ast.parse((FOLDER / f"{module}.py").read_text())
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("module", HANDLERS)
def test_handlers_contain_no_codes_and_no_statuses(module):
    codes = {error.code for error in errors.ERRORS.values()}
    statuses = {status.value for status in HTTPStatus}

    for value in constants(module):
        if isinstance(value, str):
            assert not value.startswith(("Image.", "Instance."))
            assert value not in codes
        elif not isinstance(value, bool):
            assert value not in statuses
