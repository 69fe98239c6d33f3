"""`manage.py migrate` with both roles: tests/console/database/test_owner.py."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db(transaction=True)
def test_afterwards_the_connection_is_that_of_the_application():
    call_command("migrate", verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        assert cursor.fetchone() == ("console_app",)
