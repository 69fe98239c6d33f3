"""One step of the model: an action on a surface, and all that is compared after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts.actors import SYSTEM
from accounts.audit import Verb, record
from accounts.models import AuditEvent

from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    PublicImageFactory,
    RegionFactory,
    UserFactory,
)
from . import checks, offices
from .surfaces import DONE, MISSING, REFUSED, SIGNED_OUT, Administration, Api, Console
from .world import Account, Image, Instance, Person, World

T = TypeVar("T")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
STEP = timedelta(seconds=61)
# The outcome of each refusal. All others are REFUSED.
OUTCOMES = {
    "": DONE,
    "signed-out": SIGNED_OUT,
    "no-such-image": MISSING,
    "no-such-instance": MISSING,
    "no-such-person": MISSING,
}


def build_world(now: datetime) -> World:
    """Create four accounts with two people each, an image of each, public images, an operator."""
    world = World(now)
    for code in checks.REGIONS:
        RegionFactory.create(code=code)
        row = PublicImageFactory.create(region_id=code, name=f"public-{code}")
        world.images.append(Image(row.name, code, None, row.image_id))
    for number, role in enumerate(("viewer", "sharer", "admin", "sharer")):
        account = Account(f"account-{number}", f"{number}" * 32)
        limits = ("custom_image_limit", "recipient_limit", "received_image_limit")
        values = dict(zip(limits, offices.get_limits(account), strict=True))
        row = AccountFactory.create(
            name=account.name, account_id=account.account_id, limits_reason="tests", **values
        )
        world.accounts.append(account)
        for name, each in ((f"head-{number}", "admin"), (f"hand-{number}", role)):
            user = UserFactory.create(username=name, account=row, role=each)
            AccessKeyFactory.create(user=user, key_id=f"{len(world.people):032x}")
            world.people.append(Person(name, account, each))
        image = ImageFactory.create(owner=row, region_id="bj", name=f"image-{number}")
        record(SYSTEM, Verb.CREATE_IMAGE, target=image.audit_target)
        world.images.append(Image(image.name, "bj", account, image.image_id))
    OperatorFactory.create(username="operator")
    world.people.append(Person("operator", None))
    return world


def get_last_event() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


class Machine(RuleBasedStateMachine):
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.travel = time_machine.travel(NOON, tick=False)
        self.clock = self.travel.start()
        self.world = build_world(NOON)
        self.console, self.api, self.administration = Console(), Api(), Administration()
        self.operator = self.world.people[-1]
        self.names = 10
        self.administration.sign_in(self.operator)
        self.last_event = get_last_event()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.travel.stop()

    # Choices. Most are about the person's own, so that not everything is refused.

    def pick(self, data: st.DataObject, rows: Sequence[T]) -> T:
        number: int = data.draw(st.integers(0, len(rows) - 1))
        return rows[number]

    def mostly(self, data: st.DataObject) -> bool:
        is_usual: bool = data.draw(st.integers(0, 4)) > 0
        return is_usual

    def pick_person(self, data: st.DataObject, account: Account | None = None) -> Person:
        """Return mostly somebody who can sign in, and of the account if one is given."""
        everybody = self.world.people[:-1]
        able = [p for p in everybody if p.can_sign_in]
        first = [p for p in able if p.account is account] or able
        return self.pick(data, first if first and self.mostly(data) else everybody)

    def pick_image(self, data: st.DataObject, by: Person | None = None) -> Image:
        own = self.world.own_images(by.account) if by and by.account else []
        return self.pick(data, own if own and self.mostly(data) else self.world.images)

    def pick_instance(self, data: st.DataObject, by: Person) -> Instance:
        own = self.world.own_instances(by.account) if by.account else []
        return self.pick(data, own if own and self.mostly(data) else self.world.instances)

    def pick_accounts(self, data: st.DataObject) -> list[Account | None]:
        numbers = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=2, unique=True))
        return [self.world.accounts[n % 4] if n < 12 else None for n in numbers]

    def pick_recipients(self, data: st.DataObject, image: Image) -> list[Account]:
        known = list(image.grants)
        others = known if known and self.mostly(data) else self.world.accounts
        return [self.pick(data, others)]

    @property
    def custom_images(self) -> list[Image]:
        return [image for image in self.world.live_images if image.owner]

    @property
    def shared_images(self) -> list[Image]:
        return [image for image in self.world.live_images if image.grants]

    @property
    def open_accounts(self) -> list[Account]:
        return [account for account in self.world.accounts if not account.is_closed]

    def new_name(self, kind: str) -> str:
        self.names += 1
        return f"{kind}-{self.names}"

    # One step

    def run(
        self,
        person: Person,
        surface: str,
        predict: Callable[[], str],
        perform: Callable[[], str],
    ) -> None:
        """Perform an action, and compare it and all that it left with the prediction."""
        Machine.steps += 1
        self.world.now += STEP
        self.clock.move_to(self.world.now, tick=False)
        self.world.trail.clear()
        if surface == "console":
            self.console.open(person)
        is_able = person.can_sign_in and (surface != "api" or person.is_key_active)
        expected = predict() if is_able else "signed-out"
        outcome = perform()
        wanted = OUTCOMES.get(expected, REFUSED)
        is_gone = wanted == MISSING and outcome == REFUSED  # a field of a form names it
        assert outcome == wanted or is_gone, (expected, outcome)
        checks.name_new(self.world)
        checks.name_unshares(self.world, self.last_event)
        checks.check_trail(self.world, self.last_event, wanted)
        self.compare(person)

    def compare(self, person: Person) -> None:
        """Compare the rows, and what the surfaces show to this person or another one."""
        checks.check_rows(self.world)
        step = AuditEvent.objects.count()
        people = [p for p in self.world.people if p.account and p.can_sign_in]
        viewer = person if person in people else people[step % len(people)] if people else None
        if viewer and viewer.account:
            region = checks.REGIONS[step // 2 % 2]
            if step % 2:
                checks.check_pages(self.world, self.console, viewer, viewer.account, region)
            elif viewer.is_key_active:
                checks.check_answers(self.world, self.api, viewer, viewer.account, region)
        self.last_event = get_last_event()
