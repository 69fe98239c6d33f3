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
    """The standby. Commits of the primary wait for it from its start on."""

    def __init__(self, primary):
        self.primary = primary
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
            settings = postgres.SETTINGS | {"unix_socket_directories": str(self.server.sockets)}
            options = [f"--{name}={value}" for name, value in settings.items()]
            command = [self.binaries / "postgres", "-D", self.server.cluster, *options]
            self.process = subprocess.Popen(command, **kwargs)
        self.ask(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask(self.primary, "SELECT pg_reload_conf()")
        streaming = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: self.ask(self.primary, streaming) == (1,))

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

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.server.data_dir)
