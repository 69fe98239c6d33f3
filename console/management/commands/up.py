"""Run the console in the foreground: the database, the web server and what they need.

The command ends on a signal or with the web server, and stops both servers. Whatever is killed,
the next run works: the lock, the port and the web server's processes end with their owner, and a
database server that is still running is adopted.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import http.client
import io
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from accounts import servers
from accounts.backends import can_anybody_sign_in
from accounts.models import AccessKey, Seal, User
from accounts.models.servers import INTERVAL
from console import address, bundles, postgres, secret, versions
from console.database.owner import as_owner
from images.management.commands.seed_demo import DEMO_SIGN_INS

# Each thread receives one request and its body (console/wsgi.py). They start and end on demand.
RECEIVING_THREADS = 256
LONGEST_HEAD = 32 * 1024
PATIENCE = 60
MIGRATION_LOCK = 0xBCC  # the advisory lock of a migration
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Run the console in the foreground: database, migrations, demo data and web server."
    server_options: ClassVar = ["--respawn-failed-workers"]
    server_environment: ClassVar = {"BCC_CONSOLE_DEVELOPMENT": "0"}

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
            signal.signal(signal.SIGHUP, _leave)
        if Path(f"/proc/{os.getppid()}/comm").read_text() == "make\n":
            _end_with_parent(signal.SIGTERM)  # make forwards only some signals
        try:
            with ExitStack() as stack:
                self._run(stack)
        except postgres.PostgresError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(f"The database isn't responding: {reason}") from error
        except OSError as error:
            raise CommandError(f"The console can't start: {error}.") from error

    def _run(self, stack: ExitStack) -> None:
        """Start everything in order. The stack stops it in reverse order."""
        os.umask(0o022)  # PostgreSQL's user needs access to the folders that root creates
        postgres.make_data_dir(settings.DATA_DIR)
        stack.enter_context(_claim())
        where = socket.getaddrinfo(settings.HOST, settings.PORT, type=socket.SOCK_STREAM)[0][4]
        try:
            _ = settings.SECRET_KEY
        except ImproperlyConfigured:
            settings.SECRET_KEY = secret.SIGNING.create(settings.DATA_DIR)
        database = postgres.Embedded(settings.DATA_DIR) if settings.HAS_EMBEDDED_DATABASE else None
        if database:
            stack.callback(database.stop)
            database.start()
        with as_owner():
            _migrate()
        _require_encryption_key()
        if not settings.AUDIT_SIGNING_KEYS and not Seal.objects.exists():
            settings.AUDIT_SIGNING_KEYS = [secret.AUDIT.create(settings.DATA_DIR)]
        if settings.DEMO_PASSWORD_WORKS:
            call_command("seed_demo", stdout=io.StringIO())
        sign_ins = list(_describe_sign_ins())
        connection.close()
        self.prepare_static()
        listed = servers.listed(f"{settings.HOST}:{settings.PORT}", versions.get_version())
        report_running = stack.enter_context(listed)
        web = self._start_web_server(where)
        stack.callback(_stop_web_server, web)
        _wait_for_response(web, where)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self._say(f"\nThe console is at http://{host}:{settings.PORT}/. Press Ctrl-C to stop.")
        self._say(*sign_ins)
        watched: list[Any] = [os.pidfd_open(web.pid), *filter(None, [database])]
        while web.poll() is None:
            select.select(watched, [], [], INTERVAL)
            if database and database.has_ended():
                self._say("PostgreSQL stopped. Restarting it.")
                database.start()
            report_running()
        raise CommandError(f"The web server stopped with status {web.returncode}.")

    def prepare_static(self) -> None:
        """Collect the static files if they have changed."""
        facts = hashlib.sha256(Path(bundles.__file__).read_bytes())
        for finder in get_finders():
            for path, storage in finder.list([]):
                file = Path(storage.path(path)).stat()
                facts.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
        # Stored among the collected files, so that it is deleted with them.
        mark = settings.STATIC_ROOT / "collected.sha256"
        if not mark.exists() or mark.read_text() != facts.hexdigest():
            call_command("collectstatic", clear=True, interactive=False, verbosity=0)
            mark.write_text(facts.hexdigest())

    def _start_web_server(self, where: tuple[Any, ...]) -> subprocess.Popen[bytes]:
        options = {
            "interface": "wsgi",
            "http": "1",
            "host": where[0],
            "port": where[1],
            "workers": settings.WEB_WORKERS,
            "blocking-threads": RECEIVING_THREADS,
            "http1-buffer-size": LONGEST_HEAD,
            "workers-kill-timeout": 3,
            "log-level": "error",
        }
        return subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "granian", "--no-ws"),
                *(f"--{name}={value}" for name, value in options.items()),
                *self.server_options,
                "console.wsgi:application",
            ],
            cwd=settings.BASE_DIR,
            env=os.environ | self.server_environment,
            start_new_session=True,  # only the supervisor gets Ctrl-C from the terminal
            preexec_fn=lambda: _end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - there are no threads
        )

    def _say(self, *lines: str) -> None:
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _leave(*_: object) -> None:
    """Exit and stop everything that was started, without interruption."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit()


def _end_with_parent(number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def _claim() -> IO[str]:
    """Lock the data and test the port. A run that is ending may hold both for a moment."""
    lock = (settings.DATA_DIR / "up.lock").open("w")
    deadline = time.monotonic() + 3
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem: str | None = (
                f"Another console is already using the data in {settings.DATA_DIR}. "
                "Stop it, or set DATA_DIR."
            )
        else:
            # Before granian, whose workers would share the port with another listener.
            problem = address.find_problem(settings.HOST, settings.PORT)
        if problem is None:
            return lock
        if time.monotonic() > deadline:
            raise CommandError(problem)
        time.sleep(0.1)


def _migrate() -> None:
    """Migrate, one run at a time. Retry a locked table instead of queueing for its lock."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")
                cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > deadline:
                raise
        else:
            return
        finally:
            connection.close()


def _require_encryption_key() -> None:
    """Create a key if no secret needs one. Raise CommandError if the keys can't decrypt secrets."""
    if not settings.ACCESS_KEY_ENCRYPTION_KEYS and not AccessKey.objects.exists():
        settings.ACCESS_KEY_ENCRYPTION_KEYS = [secret.ENCRYPTION.create(settings.DATA_DIR)]
    for problem in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
        if problem.is_serious():
            raise CommandError(f"{problem.msg} {problem.hint}")


def _describe_sign_ins() -> Iterator[str]:
    """Yield the sign-ins of the demo people that exist, or how to create the first one."""
    if settings.DEMO_PASSWORD_WORKS:
        for name, description in DEMO_SIGN_INS:
            if User.objects.filter(username=name).exists():
                yield f"  {name:10} {settings.DEMO_PASSWORD}  {description}"
    if not can_anybody_sign_in():
        yield "Nobody can sign in yet. Create an operator, and open the link that it prints:"
        yield "  .venv/bin/python manage.py createoperator NAME"


def _stop_web_server(web: subprocess.Popen[bytes]) -> None:
    """Stop the web server. A worker that has just started misses the first signal."""
    web.terminate()
    for number in (*[signal.SIGTERM] * 5, signal.SIGKILL):
        try:
            web.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, number)
    web.wait()


def _wait_for_response(web: subprocess.Popen[bytes], where: tuple[Any, ...]) -> None:
    """Wait until the web server responds. Any response counts: the host name may be refused."""
    deadline = time.monotonic() + PATIENCE
    while web.poll() is None and time.monotonic() < deadline:
        client = http.client.HTTPConnection(where[0], where[1], timeout=5)
        try:
            client.request("GET", "/healthz")
            if client.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            client.close()
        time.sleep(0.05)
    msg = "The web server isn't responding. See its output above."
    raise CommandError(msg)
