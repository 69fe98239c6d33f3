"""Run the console of `make run` for development.

The web server is the same, because others change headers that signatures cover. It reloads when
code, a template or a translation changes, and serves static files from the source. The browser
shows the traceback of an error; the log shows errors of the API and of imports.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandError

from . import up

RELOADED = ("accounts", "console", "images", "templates")


class Command(up.Command):
    help = "Run the console for development: with reload, tracebacks and a readable log."
    server_options: ClassVar = [
        "--workers=1",
        "--blocking-threads=3",  # the most that Granian does not warn about on a single core
        "--log-level=info",
        "--reload",
        "--reload-ignore-worker-failure",  # the next change may fix it
        *(f"--reload-paths={settings.BASE_DIR / folder}" for folder in RELOADED),
    ]
    server_environment: ClassVar = {"BCC_CONSOLE_DEVELOPMENT": "1", "LOG_FORMAT": "console"}

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ONLY_LOCAL:
            raise CommandError(
                "`make dev` shows tracebacks and settings to everyone who can reach it. It needs a "
                f"loopback address in HOST (now {settings.HOST}), HTTPS=0 and TRUSTED_PROXIES=0."
            )
        super().handle(*args, **options)

    def prepare_static(self) -> None:
        """Collect nothing. The finders serve the source."""
