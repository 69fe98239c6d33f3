"""Many clients that open pages and call the API while the database doesn't respond."""

from __future__ import annotations

import http.client
import os
import threading
import time
from dataclasses import dataclass

PATHS = ("/sign-in/", "/bj/images/", "/v2/image", "/v2/instance")
PAUSE = 0.3
COOKIE = {"Cookie": f"sessionid={'a' * 32}"}  # of an unknown session, which is looked up


def sign_nothing():
    """Return the head of a call with an unknown key, which is looked up."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"Authorization": f"bce-auth-v1/{'a' * 32}/{now}/1800//{'a' * 64}"}


@dataclass
class Answer:
    path: str
    started_at: float
    ended_at: float
    status: int | None
    retry_after: str | None = None

    @property
    def seconds(self):
        return self.ended_at - self.started_at


def get(port, path, *, address="127.0.0.1"):
    """Ask as a client with this address: one alone may not have all 200 requests at once."""
    started_at, status, retry_after = time.monotonic(), None, None
    source = (address, 0)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)
    try:
        client.request("GET", path, headers=sign_nothing() if path[:3] == "/v2" else COOKIE)
        response = client.getresponse()
        response.read()
        status, retry_after = response.status, response.headers["Retry-After"]
    except (OSError, http.client.HTTPException):
        pass  # no answer
    finally:
        client.close()
    return Answer(path, started_at, time.monotonic(), status, retry_after)


class Stall:
    """What clients get before, during and after a time without the database."""

    def __init__(self, port, clients):
        self.port = port
        self.paths = [PATHS[number % len(PATHS)] for number in range(clients)]
        self.clients = clients
        self.answers = []
        self.stopping = threading.Event()

    def _ask(self, path, address):
        while not self.stopping.is_set():
            self.answers.append(get(self.port, path, address=address))
            time.sleep(PAUSE)

    def run(self, begin, end, seconds):
        """Ask while the database goes away, stays away for these seconds and returns."""
        paths = [*self.paths, "/readyz"]
        addresses = [f"127.0.0.{1 + number % 10}" for number in range(len(paths))]
        asked = zip(paths, addresses, strict=True)
        threads = [threading.Thread(target=self._ask, args=each) for each in asked]
        for thread in threads:
            thread.start()
        try:
            time.sleep(2)
            self.began_at = time.monotonic()
            begin()
            time.sleep(seconds)
        finally:
            end()
        self.ended_at = time.monotonic()
        time.sleep(3)
        self.load = os.getloadavg()[0]
        self.stopping.set()
        for thread in threads:
            thread.join()

    @property
    def failures(self):
        return [each for each in self.answers if each.status == 503 and each.path != "/readyz"]

    def longest(self, *, ready=False):
        """Return the seconds of the slowest answer since the database has been away."""
        return max(
            each.seconds
            for each in self.answers
            if (each.path == "/readyz") is ready and each.ended_at > self.began_at
        )

    def back_after(self):
        """Return the seconds from the return of the database to the end of the last failure."""
        return max(0, *(each.ended_at - self.ended_at for each in self.failures))

    def is_fine(self):
        return (
            self.failures
            and self.longest() <= 5
            and self.longest(ready=True) <= 1
            and self.back_after() <= 2
            and {each.status for each in self.answers} <= {200, 302, 403, 503}
        )


HEAD = ("stalled database", "clients", "503s", "longest", "readyz", "back", "load")
LINE = "{:20} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}"


def describe(name, stall):
    return LINE.format(
        name,
        stall.clients,
        len(stall.failures),
        f"{stall.longest():.1f} s",
        f"{stall.longest(ready=True):.1f} s",
        f"{stall.back_after():.1f} s",
        f"{stall.load:.1f}",
    )
