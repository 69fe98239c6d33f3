from __future__ import annotations

import io
import logging

import pytest
from structlog.stdlib import ProcessorFormatter

from ...factories import AccessKeyFactory, RegionFactory
from .programs import Program


@pytest.fixture
def program_for():
    """A program of somebody of the account."""

    def program_for(account, **how):
        return Program(AccessKeyFactory.create(user__account=account), **how)

    return program_for


@pytest.fixture
def program(account, program_for):
    RegionFactory.create()
    return program_for(account)


@pytest.fixture
def log_lines():
    """The log as it is written, tracebacks included."""
    root = logging.getLogger()
    (formatter,) = [
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    ]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield handler.stream
    root.removeHandler(handler)
