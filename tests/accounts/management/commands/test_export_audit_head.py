from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from ...trail import add_events, forge_seal, seal_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_newest_seal_is_printed_as_a_line():
    (pk,) = add_events(1)
    seal_all()
    out = io.StringIO()
    call_command("export_audit_head", stdout=out)

    head = json.loads(out.getvalue())
    assert (head["seal"], head["last"], len(head["signature"])) == (1, pk, 128)


def test_a_forged_seal_is_not_printed():
    forge_seal(1, last=10**15)

    with pytest.raises(CommandError, match="Seal 1 isn't signed"):
        call_command("export_audit_head")


def test_without_a_seal_the_command_says_who_seals():
    with pytest.raises(CommandError, match="There is no seal yet"):
        call_command("export_audit_head")
