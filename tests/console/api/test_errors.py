"""Every refusal has an answer on the wire, and only the one table knows codes and statuses."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest

import console.api
from accounts import exceptions, keys, limits
from console.api import errors
from images import restoring, rules, sharing

FOLDER = Path(console.api.__file__).parent


# The domain that the API calls; of the others, pages are made
MODULES = {f"accounts.{name}" for name in ("signing", "keys", "limits", "idempotency")}
HANDLERS = ["images", "sharing", "instances", "regions"]


# Refusals that no call of the API can meet, and why
NOT_ON_THE_WIRE: dict[type[exceptions.Refused], str] = {
    rules.DescriptionTooLong: "no call takes a description",
    keys.NotOwnAccessKey: "access keys are made in the console",
    keys.NoAccount: "access keys are made in the console",
    keys.TooManyAccessKeys: "access keys are made in the console",
    keys.TooManyActiveAccessKeys: "access keys are made in the console",
    keys.AccessKeyIsActive: "access keys are made in the console",
    keys.AccessKeyIsDisabled: "access keys are made in the console",
    sharing.EntriesRefused: "answered by the verdict on its entries",
    restoring.TooLateToRestore: "shares are restored in the console",
    restoring.AlreadyRestored: "shares are restored in the console",
    restoring.SharesNotRestored: "shares are restored in the console",
}


def refusals(base=exceptions.Refused):
    for kind in base.__subclasses__():
        if kind.__module__ in MODULES or kind.__module__.startswith(("images.", "console.api.")):
            yield kind
            yield from refusals(kind)


@pytest.mark.parametrize("kind", sorted(refusals(), key=lambda kind: kind.__qualname__))
def test_every_refusal_has_an_answer(kind):
    assert (kind in errors.ANSWERS) != (kind in NOT_ON_THE_WIRE)


def test_the_refusals_are_found():
    assert {limits.TooManyTries, rules.InvalidName, errors.NotSigned} <= set(refusals())
    assert set(NOT_ON_THE_WIRE) <= set(refusals())


@pytest.mark.parametrize("verdict", sharing.Verdict)
def test_every_verdict_that_refuses_has_an_answer(verdict):
    assert (verdict in errors.VERDICTS) == verdict.is_refusal


def test_an_answer_is_a_status_and_a_code():
    answers = [
        *errors.ANSWERS.values(),
        *errors.VERDICTS.values(),
        *(answer for table in errors.BY_VERB.values() for answer in table.values()),
    ]

    for status, code, _message in answers:
        assert 400 <= status < 500
        assert re.fullmatch(r"(Image\.|Instance\.)?[A-Z][A-Za-z]+", code)


def test_a_refusal_without_an_answer_is_a_failure_in_json(client, monkeypatch):
    """Somebody will forget one: the program still gets JSON."""
    monkeypatch.delitem(errors.ANSWERS, errors.NoSuchOperation)
    client.raise_request_exception = False

    answer = client.get("/v2/nothing")

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json()["code"] == "InternalError"


def constants(module):
    tree = ast.parse((FOLDER / f"{module}.py").read_text())
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("module", HANDLERS)
def test_handlers_know_no_codes_and_no_statuses(module):
    codes = {answer.code for answer in errors.ANSWERS.values()}
    statuses = {status.value for status in HTTPStatus}

    for value in constants(module):
        if isinstance(value, str):
            assert not value.startswith(("Image.", "Instance."))
            assert value not in codes
        elif not isinstance(value, bool):
            assert value not in statuses
