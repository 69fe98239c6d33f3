from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import archiving
from console.database.owner import as_owner
from console.database.pooling import lift_limits

YOUNGEST = timedelta(days=31)


class Command(BaseCommand):
    help = (
        "Move the months of the audit trail that ended before a month to files, one each, and "
        "remove them from the database. Their seals stay, so the files can be verified."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument("--before", required=True, metavar="YYYY-MM", help="the first to keep")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            before = datetime.strptime(options["before"], "%Y-%m").replace(tzinfo=UTC)
        except ValueError as error:
            raise CommandError("--before needs a month, such as 2027-01.") from error
        if before > datetime.now(UTC) - YOUNGEST:
            raise CommandError("Only months that ended over a month ago can be archived.")
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is no folder.")
        with as_owner():
            lift_limits()
            for month in archiving.find_months(before=before):
                self.archive(month, options["folder"])

    def archive(self, month: archiving.Month, folder: Path) -> None:
        try:
            count = archiving.archive(month, folder)
        except FileExistsError as error:
            raise CommandError(
                f"{error} is there already. Move it, or use another folder."
            ) from error
        except archiving.NotSealedError as error:
            raise CommandError(f"{error} Nothing was removed. Run verify_audit.") from error
        self.stdout.write(f"{month.table}: {count:,} events")
