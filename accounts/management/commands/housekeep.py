from __future__ import annotations

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.housekeeping import build_jobs, run_due


class Command(BaseCommand):
    help = (
        "Seal the audit trail, clear sessions, forget old counters, add months to the trail and "
        "count what is near a limit, until SIGTERM or SIGINT. `manage.py up` runs it. Several "
        "servers may."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="run each job once, and end")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        jobs = build_jobs()
        if options["once"]:
            run_due(jobs)
            return
        stopped = False

        def stop(*_: object) -> None:
            nonlocal stopped
            stopped = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        while not stopped:
            run_due(jobs)
            time.sleep(0.5)
