from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from console.database.owner import as_owner


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run Django's command, and the checks before it, as the owner of the tables."""
        try:
            with as_owner():
                return super().execute(*args, **options)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(
                f"The database can't be migrated: {error.__cause__}. "
                "Set MIGRATION_DATABASE_URL to the URL of the role that owns the tables."
            ) from error
