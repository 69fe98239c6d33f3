"""The format of log lines, written by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

SCRIPT = """
import logging, sys
import structlog
from console import logs

logs.configure({{"format": {format!r}}})
with structlog.contextvars.bound_contextvars(request_id="1234"):
    try:
        password = "sword" + "fish"
        raise ValueError("a bug")
    except ValueError:
        logging.getLogger("django.request").exception("failed")
    structlog.get_logger("console.requests").info("request", status=200)
"""


@pytest.fixture
def read_log():
    """Return a function that logs a failure and a request in this format. It returns the text."""

    def read_log(log_format):
        script = SCRIPT.format(format=log_format)
        command = [sys.executable, "-c", script]
        result = subprocess.run(
            command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
        )
        assert result.stdout == ""
        return result.stderr

    return read_log


def test_json_lines_have_the_request_id(read_log):
    failure, request = map(json.loads, read_log("json").splitlines())

    assert (failure["request_id"], request["request_id"]) == ("1234", "1234")
    assert (failure["level"], failure["event"]) == ("error", "failed")
    assert "ValueError: a bug" in failure["exception"]
    assert (request["logger"], request["status"]) == ("console.requests", 200)


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_traceback_has_no_local_variables(read_log, log_format):
    text = read_log(log_format)

    assert "ValueError: a bug" in text
    assert "swordfish" not in text


def test_the_token_of_an_invitation_is_not_logged():
    script = """
import logging, structlog
from console import logs

logs.configure({"format": "json"})
structlog.get_logger("console.requests").info("request", path="/invitation/Mg/c3cr3t/")
logging.getLogger("django.request").error("Internal Server Error: /invitation/Mg/c3cr3t/")
"""
    command = [sys.executable, "-c", script]
    result = subprocess.run(
        command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )

    first, second = map(json.loads, result.stderr.splitlines())
    assert first["path"] == "/invitation/Mg/…/"
    assert second["event"] == "Internal Server Error: /invitation/Mg/…/"
