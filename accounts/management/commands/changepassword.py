from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from accounts import people
from accounts.actors import SYSTEM
from accounts.models import User


class Command(changepassword.Command):
    """Django's command, which also ends the person's sessions and is recorded."""

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        name = options["username"] or getpass.getuser()
        message: str | None = super().handle(*args, **options | {"username": name})
        people.finish_password(person=User.objects.get(username=name), by=SYSTEM)
        return message
