from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from images import invariants

# All statements see the same moment, so a change during the check is no contradiction. A long trail
# takes longer than a page may.
ONE_MOMENT = """
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
    SET LOCAL statement_timeout = '10min';
"""


class Command(BaseCommand):
    help = (
        "Check that the rows of the database agree with each other, with the limits and with the "
        "audit trail. Exits with 1 and a sentence for each row that doesn't."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        is_test = connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            if not is_test:  # the level can only be set before the first query
                cursor.execute(ONE_MOMENT)
            found = invariants.find()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{len(found)} rows break a rule.")
        self.stdout.write("Everything agrees.")
