"""Run the console in the foreground: the database, the web server and what they need.

The command ends on SIGINT and SIGTERM, and stops both servers. SIGHUP reloads code and settings.
Whatever is killed comes back, and if it is the command, its next run works: the lock, the port and
the web server's processes end with it, and a database server that is still running is adopted.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from accounts import fingerprints, servers
from accounts.backends import can_anybody_sign_in
from accounts.models import AccessKey, Seal, User
from accounts.models.servers import INTERVAL
from console import address, bundles, postgres, secret, versions
from console.checks import check_proxies
from console.database import pooling
from console.database.owner import as_owner
from console.supervisor import Group, NotStarted, end_with_parent, get_first_environment
from images.management.commands.seed_demo import DEMO_SIGN_INS

# Seconds for the web server to start, and for a migration to get its locks
PATIENCE = 60
TICK = 0.5
MIGRATION_LOCK = 0xBCC  # the advisory lock of a migration
# How to make a key of each setting
GENERATORS = {
    fingerprints.SESSIONS: "import secrets; print(secrets.token_urlsafe(50))",
    fingerprints.SECRETS: "from cryptography.fernet import Fernet; "
    "print(Fernet.generate_key().decode())",
}
GENERATORS[fingerprints.SEALS] = GENERATORS[fingerprints.SECRETS]


class Command(BaseCommand):
    help = "Run the console in the foreground: database, migrations, demo data and web server."
    server_environment: ClassVar = {"BCC_CONSOLE_DEVELOPMENT": "0"}
    prepares_again = True
    number_of_servers = settings.WEB_WORKERS

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="only migrate and collect the static files"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        if Path(f"/proc/{os.getppid()}/comm").read_text() == "make\n":
            end_with_parent(signal.SIGTERM)  # make forwards only some signals
        _require_given_keys()
        try:
            if options["prepare"]:
                self._prepare()
                return
            with ExitStack() as stack:
                self._run(stack)
        except postgres.PostgresError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(f"The database isn't responding: {reason}") from error
        except NotStarted as error:
            raise CommandError("The web server doesn't start. See its output above.") from error
        except OSError as error:
            raise CommandError(f"The console can't start: {error}.") from error

    def _run(self, stack: ExitStack) -> None:
        """Start everything in order. The stack stops it in reverse order."""
        reload = _Reload()
        os.umask(0o022)  # PostgreSQL's user needs access to the folders that root creates
        postgres.make_data_dir(settings.DATA_DIR)
        stack.enter_context(_claim())
        try:
            _ = settings.SECRET_KEY
        except ImproperlyConfigured:
            settings.SECRET_KEY = secret.SIGNING.create(settings.DATA_DIR)
        database = postgres.Embedded(settings.DATA_DIR) if settings.HAS_EMBEDDED_DATABASE else None
        if database:
            stack.callback(database.stop)
            database.start()
        self._prepare()
        sign_ins = list(_describe_sign_ins())
        connection.close()
        listed = servers.listed(f"{settings.HOST}:{settings.PORT}", versions.get_version())
        report_running = stack.enter_context(listed)
        web, housekeeper = self._start_children(stack)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self._say(f"\nThe console is at http://{host}:{settings.PORT}/. Press Ctrl-C to stop.")
        self._say(*sign_ins, *(problem.msg for problem in check_proxies()))
        reported = time.monotonic()
        while True:
            time.sleep(TICK)
            if reload.is_due():
                self._reload(web, housekeeper)
            if number := web.tend():
                self._say(
                    f"{number} of {web.number} processes of the web server ended. Starting others."
                )
            housekeeper.tend()
            if database and database.has_ended():
                self._say("PostgreSQL stopped. Restarting it.")
                database.start()
            if time.monotonic() > reported + INTERVAL:
                reported = time.monotonic()
                report_running()

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

    def _prepare(self) -> None:
        """Do what the code needs before it serves requests."""
        with as_owner():
            _migrate()
        pooling.limit_role()
        _require_keys()
        if settings.DEMO_PASSWORD_WORKS:
            call_command("seed_demo", stdout=io.StringIO())
        self.prepare_static()

    def _start_children(self, stack: ExitStack) -> tuple[Group, Group]:
        """Start the web server and the housekeeper."""
        listener = stack.enter_context(address.listen(settings.HOST, settings.PORT))
        web = Group(
            [sys.executable, "-m", "console.server", str(listener.fileno())],
            number=self.number_of_servers,
            environment=self.server_environment,
            file=listener.fileno(),
        )
        stack.callback(web.stop)
        web.start(within=PATIENCE)
        housekeeper = Group([sys.executable, "manage.py", "housekeep"])
        stack.callback(housekeeper.stop)
        return web, housekeeper

    def _reload(self, web: Group, housekeeper: Group) -> None:
        """Start processes with new code and settings in place of those that run."""
        self._say("Reloading.")
        command = [sys.executable, "manage.py", "up", "--prepare"]
        try:
            if self.prepares_again:
                environment = get_first_environment()
                subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)  # noqa: S603
            web.replace(within=PATIENCE)
        except (subprocess.CalledProcessError, NotStarted):
            self._say("The new code doesn't start, so the old code goes on. See its output above.")
        else:
            housekeeper.release()
            self._say("Reloaded.")

    def _say(self, *lines: str) -> None:
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _leave(*_: object) -> None:
    """Exit and stop everything that was started, without interruption."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit()


class _Reload:
    """Whether SIGHUP arrived. It ends the console if the terminal was closed."""

    def __init__(self) -> None:
        self.was_sent = False
        self.had_terminal = os.isatty(sys.stdin.fileno())
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
            signal.signal(signal.SIGHUP, self.receive)

    def receive(self, *_: object) -> None:
        if self.had_terminal and not os.isatty(sys.stdin.fileno()):
            _leave()
        self.was_sent = True

    def is_due(self) -> bool:
        is_due, self.was_sent = self.was_sent, False
        return is_due


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
            with _migrating_alone():
                pooling.lift_limits()
                call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > deadline:
                raise
        else:
            return
        finally:
            connection.close()


@contextmanager
def _migrating_alone() -> Iterator[None]:
    """Hold the lock of migrations, in a transaction: PgBouncer would share that of a session."""
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
        yield
    finally:
        own.close()


def _require_given_keys() -> None:
    """Raise CommandError if a key is missing that other servers of the database need too."""
    if settings.HAS_EMBEDDED_DATABASE:
        return
    problems = [
        f"Set {name}, the same on all servers of the database in DATABASE_URL "
        f"(generate it once: python -c '{code}')."
        for name, code in GENERATORS.items()
        if not _is_given(name)
    ]
    if problems:
        raise CommandError("\n".join(problems))


def _is_given(name: str) -> bool:
    try:
        return bool(getattr(settings, name))
    except ImproperlyConfigured:  # an empty SECRET_KEY
        return False


def _require_keys() -> None:
    """Create keys that nothing depends on yet. Raise CommandError if one that is needed is missing.

    Secrets are decrypted only if no server has started before: a fingerprint says the same.
    """
    if not settings.ACCESS_KEY_ENCRYPTION_KEYS and not AccessKey.objects.exists():
        settings.ACCESS_KEY_ENCRYPTION_KEYS = [secret.ENCRYPTION.create(settings.DATA_DIR)]
        fingerprints.forget_others(fingerprints.SECRETS)
    if not settings.AUDIT_SIGNING_KEYS and not Seal.objects.exists():
        settings.AUDIT_SIGNING_KEYS = [secret.AUDIT.create(settings.DATA_DIR)]
        fingerprints.forget_others(fingerprints.SEALS)
    if not fingerprints.are_known(fingerprints.SECRETS):
        for problem in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
            if problem.is_serious():
                raise CommandError(f"{problem.msg} {problem.hint}")
    try:
        fingerprints.agree()
    except fingerprints.OtherKeys as error:
        raise CommandError(str(error)) from error


def _describe_sign_ins() -> Iterator[str]:
    """Yield the sign-ins of the demo people that exist, or how to create the first one."""
    if settings.DEMO_PASSWORD_WORKS:
        for name, description in DEMO_SIGN_INS:
            if User.objects.filter(username=name).exists():
                yield f"  {name:10} {settings.DEMO_PASSWORD}  {description}"
    if not can_anybody_sign_in():
        yield "Nobody can sign in yet. Create an operator, and open the link that it prints:"
        yield "  .venv/bin/python manage.py createoperator NAME"
