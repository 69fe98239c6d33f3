"""A console behind a proxy to its own PostgreSQL, and the faults that can happen to it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress

import psutil
import psycopg

from console import postgres
from tests.console.processes import KEYS, new_folder
from tests.proxy import Proxy
from tests.servers import AT_ONCE, Server

DISK = 384  # MB
BACKEND = re.compile("postgres: [a-z_]+ console ")  # how it calls itself: user and database
WEB = re.compile("console.server")


def get_title(process):
    """Return what the process calls itself, or nothing if it has ended."""
    try:
        return next(iter(process.cmdline()), "")
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def small_disk(folder):
    """Mount a small disk of memory there. Yield False if that isn't allowed here."""
    options = f"size={DISK}m,mode=0711"
    command = ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


class Bench:
    """The console, its database and the proxy between them. `is_small` is the database's disk."""

    def __enter__(self):
        self.stack = ExitStack()
        self.disk = new_folder()
        self.stack.callback(shutil.rmtree, self.disk)
        self.is_small = self.stack.enter_context(small_disk(self.disk))
        self.postgres = postgres.Embedded(self.disk)
        self.stack.callback(self.stop_database)
        self.postgres.start()
        self.proxy = Proxy(self.postgres.url)
        self.stack.callback(self.proxy.close)
        folder = new_folder()
        self.stack.callback(shutil.rmtree, folder)
        self.server = Server(
            folder,
            DATABASE_URL=self.proxy.url,
            **KEYS,
            **AT_ONCE,
        )
        self.stack.callback(self.server.stop)
        self.server.up()
        return self

    def __exit__(self, *_):
        self.stack.close()

    # Processes

    def database(self):
        """Return the processes of the database server, the main one first."""
        main = psutil.Process(self.postgres._child.pid)
        return [main, *main.children(recursive=True)]

    def backend(self):
        """Return the server process of some connection of the console."""
        return self.backends()[0]

    def backends(self):
        """Return the server processes of the console's connections."""
        return [each for each in self.database()[1:] if BACKEND.match(get_title(each))]

    def web(self):
        """Return the processes of the web server."""
        found = psutil.Process(self.server.run.pid).children(recursive=True)
        return [each for each in found if WEB.search(" ".join(each.cmdline()))]

    def start_database(self):
        """Start the server, as its operator would, until it accepts connections."""
        deadline = time.monotonic() + 30
        while not self.postgres.is_answering():
            with suppress(postgres.PostgresError):
                if self.postgres.has_ended():
                    self.postgres.start()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def suspend_database(self):
        for process in self.database():
            process.suspend()

    def resume_database(self):
        for process in self.database():
            process.resume()

    def lock_tables(self):
        """Lock what every request reads, as a migration that takes long would."""
        self.lock = psycopg.connect(self.postgres.url)
        self.lock.execute("LOCK TABLE accounts_session, accounts_accesskey")

    def unlock_tables(self):
        self.lock.close()

    def stop_database(self):
        self.resume_database()
        self.postgres.stop()

    def start_web(self):
        """Start the console if it has ended, and wait until it is ready."""
        if self.server.run.poll() is not None:
            self.server.up()

    # Faults: each happens, lasts for some seconds and ends

    def backend_killed(self, seconds):
        for _ in range(3):
            self.backend().kill()
            time.sleep(seconds / 3)
            self.start_database()

    def server_killed(self, seconds):
        self.database()[0].kill()
        time.sleep(seconds)
        self.start_database()

    def worker_killed(self, seconds):
        self.web()[-1].kill()
        time.sleep(seconds)
        self.start_web()

    def web_server_killed(self, seconds):
        for each in self.web():
            each.kill()
        time.sleep(seconds)
        self.start_web()

    def network_frozen(self, seconds):
        self.proxy.freeze()
        time.sleep(seconds)
        self.proxy.thaw()

    def server_stopped(self, seconds):
        """Stop every process of the server (SIGSTOP)."""
        self.suspend_database()
        time.sleep(seconds)
        self.resume_database()

    def backends_stopped(self, seconds):
        """Stop the processes of some connections. The server accepts others."""
        processes = self.backends()[:4]
        for process in processes:
            process.suspend()
        time.sleep(seconds)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def connections_cut(self, seconds):
        for _ in range(10):
            self.proxy.cut()
            time.sleep(seconds / 10)

    def commits_lost(self, seconds):
        for _ in range(10):
            self.proxy.lose_commits(2)
            time.sleep(seconds / 10)

    def answers_lost(self, seconds):
        for _ in range(10):
            self.proxy.lose_answers(2)
            time.sleep(seconds / 10)

    def disk_full(self, seconds):
        """Fill the disk, and have the server need another segment of its write-ahead log."""
        ballast = self.disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024 * 1024))
        for _ in range(10):  # used segments may wait to be used again
            with suppress(psycopg.Error), psycopg.connect(self.postgres.url) as connection:
                connection.execute("SELECT pg_logical_emit_message(true, '', repeat('x', 9000000))")
        time.sleep(seconds)
        ballast.unlink()
        self.start_database()


FAULTS = (
    Bench.backend_killed,
    Bench.server_killed,
    Bench.worker_killed,
    Bench.web_server_killed,
    Bench.network_frozen,
    Bench.server_stopped,
    Bench.backends_stopped,
    Bench.connections_cut,
    Bench.commits_lost,
    Bench.answers_lost,
    Bench.disk_full,
)
