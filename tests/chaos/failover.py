"""A streaming standby takes over from a primary that was killed, under load."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack, contextmanager

import psutil
import requests

from console import postgres
from tests.console.processes import KEYS, new_folder
from tests.servers import AT_ONCE, Server
from tests.standby import Standby

from .load import Load, judge

NAME = "failover"


def kill(primary):
    main = psutil.Process(primary._child.pid)
    processes = [main, *main.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


@contextmanager
def paired():
    """Yield a primary and a standby that its commits wait for."""
    folder = new_folder()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        primary = postgres.Embedded(folder)
        stack.callback(primary.stop)
        primary.start()
        standby = Standby(primary)
        stack.callback(standby.stop)
        standby.start()
        yield primary, standby


@contextmanager
def running(standby):
    """Yield a console that knows both."""
    folder = new_folder()
    settings = {
        "DATABASE_URL": standby.build_url(postgres.APPLICATION),
        "MIGRATION_DATABASE_URL": standby.build_url(postgres.OWNER),
        "WEB_WORKERS": "1",
    }
    console = Server(folder, **settings, **KEYS, **AT_ONCE)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.callback(console.stop)
        console.up()
        yield console


def fail_over(primary, standby, console):
    """Kill the primary under load and promote the standby. Return the outcome and /readyz between.

    It returns after a call that started after the promotion has succeeded.
    """
    load = Load(console, 2)
    times, away = [], []

    def during():
        kill(primary)
        time.sleep(1)
        away.append(requests.get(f"{console.url}/readyz", timeout=5).status_code)
        time.sleep(1)
        times.append(standby.promote())

    calls = load.run(during)
    return judge(NAME, calls, times[0], standby.server.url), away[0]


def measure():
    """Return the outcome of a failover, for `make chaos`."""
    with paired() as (primary, standby), running(standby) as console:
        outcome, _ = fail_over(primary, standby, console)
        return outcome
