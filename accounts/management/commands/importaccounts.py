from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import importing
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.management.asking import require_yes
from accounts.management.links import add_url_option, build_link
from accounts.models import new_request_id


class Command(BaseCommand):
    help = (
        "Import accounts and people from a CSV file, all or none. Its first row has the headings "
        "account and, if wanted, ucAccount, accountId, username and role (viewer, sharer, admin). "
        "Prints an invitation for each new person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV file, or - for standard input")
        parser.add_argument("--yes", action="store_true", help="import without asking")
        add_url_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        by = replace(SYSTEM, request_id=new_request_id())
        rows = read_file(options["file"])
        results = importing.preview(rows, by=by)
        for number, result in enumerate(results, start=1):
            named = f"{result.row.account} {result.row.username}".strip()
            self.stderr.write(f"{number}. {named}: {result.verdict}")
        problems = sum(bool(result.problem) for result in results)
        if problems:
            raise CommandError(f"Nothing was imported. Rows to correct: {problems}.")
        require_yes(f"Import {len(rows)} rows?", is_given=options["yes"])
        shown = importing.get_effects(results)
        results = importing.import_rows(rows, by=by, shown=shown)
        if not importing.is_importable(results) or importing.get_effects(results) != shown:
            raise CommandError("Somebody else changed accounts meanwhile. Nothing was imported.")
        for result in results:
            if result.invitation:
                link = build_link(result.invitation, options["url"])
                self.stdout.write(f"{result.row.username}\t{link}")


def read_file(name: str) -> list[importing.Row]:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return importing.read_file(data)
    except OSError as error:
        raise CommandError(f"Can't read {name}: {error.strerror}.") from error
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal
