"""Run the console of `make run` for development.

The web server is the same, because others change headers that signatures cover. It reloads when
code, a template or a translation changes, and serves static files from the source. The browser
shows the traceback of an error; the log shows errors of the API and of imports.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandError

from console.supervisor import Group

from . import up

RELOADED = ("accounts", "console", "images", "templates")
WATCH = """
import os, signal, sys, watchfiles
for _ in watchfiles.watch(*sys.argv[1:]):
    os.kill(os.getppid(), signal.SIGHUP)
"""


class Command(up.Command):
    help = "Run the console for development: with reload, tracebacks and a readable log."
    number_of_servers = 1
    prepares_again = False  # a migration that is being written is not applied
    server_environment: ClassVar = {"BCC_CONSOLE_DEVELOPMENT": "1", "LOG_FORMAT": "console"}

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ONLY_LOCAL:
            raise CommandError(
                "`make dev` shows tracebacks and settings to everyone who can reach it. It needs a "
                f"loopback address in HOST (now {settings.HOST}), HTTPS=0 and TRUSTED_PROXIES=0."
            )
        super().handle(*args, **options)

    def _start_children(self, stack: ExitStack) -> tuple[Group, Group]:
        watcher = Group(
            [sys.executable, "-c", WATCH, *(str(settings.BASE_DIR / name) for name in RELOADED)]
        )
        stack.callback(watcher.stop)
        watcher.tend()
        return super()._start_children(stack)

    def prepare_static(self) -> None:
        """Collect nothing. The finders serve the source."""
