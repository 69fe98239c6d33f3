from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent

from ....accounts.trail import add_events


@pytest.mark.django_db(transaction=True)
def test_everything_is_deleted_even_the_trail():
    add_events(1)
    call_command("flush", interactive=False, verbosity=0)

    assert not AuditEvent.objects.exists()
