from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accounts.archiving import read_files
from accounts.models import Seal
from accounts.sealing import parse_head
from accounts.verifying import Verification

MOST_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare the audit trail with its seals. Names the first events that were changed, removed "
        "or inserted, and ends with status 1 if there are any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads",
            metavar="FILE",
            type=Path,
            help="lines of export_audit_head that were stored elsewhere: shows a removed end",
        )
        parser.add_argument(
            "--archive",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="a file of archive_audit, to verify its events too; can be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            self.verify(options)

    def verify(self, options: dict[str, Any]) -> None:
        heads = list(read_heads(options["heads"])) if options["heads"] else []
        result = Verification()
        problems = result.verify(heads=heads, archive=read_files(options["archive"]))
        first = list(islice(problems, MOST_SHOWN + 1))
        for problem in first[:MOST_SHOWN]:
            self.stdout.write(problem)
        if len(first) > MOST_SHOWN:
            raise CommandError("The audit trail isn't as it was sealed. There are more problems.")
        self.stdout.write(
            f"Compared {result.events:,} events with {result.seals:,} seals. "
            f"Not sealed yet: {result.unsealed:,}. "
            f"Archived, and not compared: {result.archived:,}."
        )
        if first:
            raise CommandError("The audit trail isn't as it was sealed.")
        self.stdout.write("The audit trail is as it was sealed.")


def read_heads(file: Path) -> Iterator[Seal]:
    for line in filter(str.strip, file.read_text().splitlines()):
        try:
            yield parse_head(line)
        except ValueError as error:
            raise CommandError(f"{file} has a line that is no head: {line}") from error
