from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from console.database.owner import as_owner


class Command(flush.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run Django's command, and the checks before it, as the owner of the tables."""
        with as_owner():
            return super().execute(*args, **options)
