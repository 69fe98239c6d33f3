"""Clients that share and unshare by the signed API, and what became of each call."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, field

import psycopg
from baidubce.exception import BceHttpClientError

RECIPIENTS = 40
IMAGES = 150  # of each owner
MAKE_IMAGES = """
import json
from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account
from images.models import Image, Region
from tests.factories import ImageFactory
region = Region.objects.get(code="bj")
Account.objects.update(received_image_limit=30000, custom_image_limit=30000)
made = {{}}
for owner in Account.objects.filter(name__startswith="owner-"):
    images = ImageFactory.create_batch({images}, owner=owner, region=region)
    audit.record_each(SYSTEM, audit.Verb.CREATE_IMAGE, [each.audit_target for each in images])
    made[owner.account_id] = [image.image_id for image in images]
print("images", json.dumps(made))
"""
GRANTS = """
SELECT image_id, account_id FROM
(SELECT image.image_id, account.account_id FROM images_sharegrant AS "grant"
JOIN images_image AS image ON image.id = "grant".image_id
JOIN accounts_account AS account ON account.id = "grant".recipient_id) AS pairs
"""
# A 503 with these words leaves open what happened. Every other one says that nothing was changed
OPEN = "may be saved or not"


@dataclass
class Call:
    """A call that shares (or unshares) one image with one account."""

    pair: tuple[str, str]
    shares: bool
    started_at: float
    seconds: float
    status: int | None
    text: str

    @property
    def is_done(self):
        return self.status == 200

    @property
    def is_open(self):
        """Whether the client can't know what happened."""
        return self.status is None or OPEN in self.text


class Load:
    """Owners who share and unshare without a pause, each in a thread, until they are stopped."""

    def __init__(self, server, owners):
        names = [f"owner-{number}" for number in range(owners)]
        names += [f"recipient-{number}" for number in range(RECIPIENTS)]
        tenants = server.make_accounts(names)
        self.owners, self.recipients = tenants[:owners], tenants[owners:]
        self.server = server
        self.calls: list[Call] = []
        script = MAKE_IMAGES.format(images=IMAGES)
        output = server.manage("shell", "-v", "0", "-c", script)
        images = json.loads(output.partition("images ")[2])
        self.pairs = {
            owner.account_id: iter(
                [
                    (image, recipient.account_id)
                    for image in images[owner.account_id]
                    for recipient in self.recipients
                ]
            )
            for owner in self.owners
        }

    def run(self, during):
        """Call until `during` has returned and a little longer. Return all calls."""
        self.calls = []
        self.stopping = threading.Event()
        threads = [threading.Thread(target=self._call, args=[owner]) for owner in self.owners]
        for thread in threads:
            thread.start()
        try:
            time.sleep(1)
            during()
            self.wait_for_success(time.monotonic())
            time.sleep(0.5)
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()
        return self.calls

    def wait_for_success(self, since):
        """Wait until a call that started after this has succeeded."""
        while not any(call.is_done and call.started_at > since for call in list(self.calls)):
            assert time.monotonic() < since + 30, "the console is not back"
            time.sleep(0.05)

    def _call(self, owner):
        client = self.server.client(owner)
        for number, (image, recipient) in enumerate(self.pairs[owner.account_id]):
            if self.stopping.is_set():
                return
            call = self._time(client.share_image, image, recipient, shares=True)
            if call.is_done and number % 3 == 0:
                self._time(client.unshare_image, image, recipient, shares=False)

    def _time(self, method, image, recipient, *, shares):
        started_at = time.monotonic()
        status, text = 200, ""
        try:
            method(image, account_id=recipient)
        except BceHttpClientError as error:
            status, text = error.status_code, str(error.last_error)
        seconds = time.monotonic() - started_at
        call = Call((image, recipient), shares, started_at, seconds, status, text)
        self.calls.append(call)
        if not call.is_done:
            time.sleep(0.05)
        return call


def run_fault(bench, load, fault, seconds):
    """Let a fault happen under load. Return its outcome."""
    ended_at = []

    def during():
        fault(bench, seconds)
        ended_at.append(time.monotonic())

    calls = load.run(during)
    name = fault.__name__.replace("_", " ")
    return judge(name, calls, ended_at[0], bench.postgres.url)


@dataclass
class Outcome:
    """What a fault did to the calls."""

    fault: str
    calls: list[Call]
    back_after: float
    acknowledged: int = 0
    refused: int = 0
    open: int = 0
    lost: list[Call] = field(default_factory=list)
    present: list[Call] = field(default_factory=list)
    longest: float = 0
    load: float = 0

    @property
    def is_fine(self):
        return not self.lost and not self.present and self.longest <= 5


def judge(fault, calls, ended_at, url):
    """Compare the calls with the table, read from the database itself."""
    with psycopg.connect(url) as connection:
        grants = set(connection.execute(GRANTS).fetchall())
    firsts = [call.started_at + call.seconds for call in calls if call.is_done]
    back_after = min((each for each in firsts if each > ended_at), default=ended_at) - ended_at
    outcome = Outcome(fault, calls, back_after, load=os.getloadavg()[0])
    last = {call.pair: call for call in calls}  # of each pair
    for call in calls:
        outcome.acknowledged += call.is_done
        outcome.open += call.is_open
        outcome.refused += not (call.is_done or call.is_open)
        if call is not last[call.pair] or call.is_open:
            continue
        is_there = call.pair in grants
        if call.is_done and is_there is not call.shares:
            outcome.lost.append(call)
        if not call.is_done and is_there is call.shares:
            outcome.present.append(call)
    outcome.longest = max(call.seconds for call in calls)
    return outcome


HEAD = ("fault", "acknowledged", "lost", "refused", "present", "unknown", "longest", "back", "load")
LINE = "{:20} {:>12} {:>5} {:>8} {:>8} {:>8} {:>8} {:>7} {:>6}"


def describe(outcome):
    """Return the line of a table, under HEAD."""
    return LINE.format(
        outcome.fault,
        outcome.acknowledged,
        len(outcome.lost),
        outcome.refused,
        len(outcome.present),
        outcome.open,
        f"{outcome.longest:.1f} s",
        f"{outcome.back_after:.1f} s",
        f"{outcome.load:.1f}",
    )
