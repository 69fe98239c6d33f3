"""A streaming standby of an embedded server, which can take over from it."""

from __future__ import annotations

import shutil
import subprocess
import time
from urllib.parse import quote

import psutil
import psycopg

from console import postgres
from tests.console.processes import new_folder, until

ALLOW = "local replication all peer map=console\n"


class Standby:
    """The standby. Commits of the primary wait for it from its start on, if it is synchronous."""

    def __init__(self, primary, *, is_synchronous=True):
        self.primary = primary
        self.is_synchronous = is_synchronous
        self.server = postgres.Embedded(new_folder())
        self.binaries = postgres._find_binaries(self.server.user)

    def start(self):
        with (self.primary.cluster / "pg_hba.conf").open("a") as file:
            file.write(ALLOW)
        self.ask(self.primary, "SELECT pg_reload_conf()")
        self.server._make_private(self.server.sockets)
        self.server._make_private(self.server.cluster)
        source = ["--host", self.primary.sockets, "--username", "postgres", "--write-recovery-conf"]
        target = ["--checkpoint", "fast", "--pgdata", self.server.cluster]
        with self.server._report_failure() as kwargs:
            command = [self.binaries / "pg_basebackup", *source, *target]
            subprocess.run(command, check=True, **kwargs)
        self.run()
        if self.is_synchronous:
            self.ask(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.ask(self.primary, "SELECT pg_reload_conf()")
        streaming = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
        kind = "sync" if self.is_synchronous else "async"
        until(lambda: self.ask(self.primary, streaming) == (kind,))

    def run(self):
        """Start the process of the standby, also again after it was killed."""
        with self.server._report_failure() as kwargs:
            settings = postgres.SETTINGS | {"unix_socket_directories": str(self.server.sockets)}
            options = [f"--{name}={value}" for name, value in settings.items()]
            command = [str(self.binaries / "postgres"), "-D", str(self.server.cluster), *options]
            self.process = subprocess.Popen(command, **kwargs)

    def ask(self, server, query):
        with psycopg.connect(server.build_url("postgres"), autocommit=True) as superuser:
            result = superuser.execute(query)
            return result.fetchone() if result.description else None

    def build_url(self, role):
        """Return the URL of both servers, for the one that can be written to."""
        hosts = ",".join(quote(str(each.sockets), safe="") for each in (self.primary, self.server))
        user = self.server.user.pw_name
        parameters = f"host={hosts}&requirepeer={user}&target_session_attrs=read-write"
        return f"postgresql://{role}@/console?{parameters}"

    def pause(self):
        """Let it receive what the primary writes, and not show it."""
        self.ask(self.server, "SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        until(lambda: self.ask(self.server, paused) == (True,))

    def catch_up(self):
        """Wait until it shows what the primary has written so far."""
        (written,) = self.ask(self.primary, "SELECT pg_current_wal_insert_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        until(lambda: self.ask(self.server, replayed) == (True,))

    def suspend(self):
        for process in self.list_processes():
            process.suspend()

    def resume(self):
        for process in self.list_processes():
            process.resume()

    def list_processes(self):
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def promote(self):
        """Make it the primary. Return when that was."""
        assert self.ask(self.server, "SELECT pg_promote()") == (True,)
        return time.monotonic()

    def kill(self):
        processes = self.list_processes() if self.process.poll() is None else []
        for process in processes:
            process.kill()
        self.process.wait()
        psutil.wait_procs(processes)

    def stop(self):
        self.kill()
        shutil.rmtree(self.server.data_dir)
