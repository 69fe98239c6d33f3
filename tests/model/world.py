"""The rules of the console in memory: what an action may do, and what it leaves.

It imports no code of the console. A verb returns the code of the refusal, or DONE. It adds the
events that the trail must get to `trail`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DONE = ""
SIGNED_OUT = "signed-out"
NO_IMAGE = "no-such-image"
NO_INSTANCE = "no-such-instance"
UNDO_PERIOD = timedelta(minutes=10)
ROLES = ["viewer", "sharer", "admin"]


@dataclass(eq=False)
class Account:
    name: str
    account_id: str
    custom_image_limit: int = 3
    recipient_limit: int = 2
    received_image_limit: int = 2
    is_closed: bool = False


@dataclass(eq=False)
class Person:
    """Somebody of an account, or an operator, who has none."""

    name: str
    account: Account | None
    role: str = "admin"
    is_active: bool = True
    is_key_active: bool = True
    is_signed_in: bool = False

    @property
    def can_sign_in(self) -> bool:
        return self.is_active and not (self.account and self.account.is_closed)

    def may(self, role: str) -> bool:
        return self.account is None or ROLES.index(self.role) >= ROLES.index(role)


@dataclass(eq=False)
class Image:
    name: str
    region: str
    owner: Account | None
    image_id: str = ""
    is_deleted: bool = False
    # Since when and by whom it is shared with an account
    grants: dict[Account, tuple[datetime, str]] = field(default_factory=dict)
    unshared: set[Account] = field(default_factory=set)


@dataclass(eq=False)
class Instance:
    name: str
    region: str
    owner: Account
    image: Image
    instance_id: str = ""
    is_running: bool = True
    is_released: bool = False


@dataclass(eq=False)
class Unshare:
    image: Image
    taken: dict[Account, tuple[datetime, str]]
    at: datetime
    known_to: set[Account]
    name: str  # of the image at that time
    pk: int = 0
    is_undone: bool = False


@dataclass(frozen=True)
class Event:
    verb: str
    reason: str = DONE
    target: Image | Instance | Account | Person | None = None
    recipients: frozenset[Account] = frozenset()


@dataclass
class World:
    now: datetime
    accounts: list[Account] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    unshares: list[Unshare] = field(default_factory=list)
    trail: list[Event] = field(default_factory=list)

    # What there is

    @property
    def live_images(self) -> list[Image]:
        return [image for image in self.images if not image.is_deleted]

    @property
    def live_instances(self) -> list[Instance]:
        return [instance for instance in self.instances if not instance.is_released]

    def people_of(self, account: Account) -> list[Person]:
        return [person for person in self.people if person.account is account]

    def own_images(self, account: Account) -> list[Image]:
        return [image for image in self.live_images if image.owner is account]

    def received_images(self, account: Account) -> list[Image]:
        return [image for image in self.live_images if account in image.grants]

    def own_instances(self, account: Account) -> list[Instance]:
        return [instance for instance in self.live_instances if instance.owner is account]

    def can_see(self, image: Image, by: Person) -> bool:
        return not image.is_deleted and (
            image.owner in {None, by.account} or by.account in image.grants
        )

    # What the trail gets

    def refuse(self, verb: str, reason: str) -> str:
        self.trail.append(Event(verb, reason))
        return reason

    def do(
        self,
        verb: str,
        target: Image | Instance | Account | Person,
        recipients: Iterable[Account] = (),
    ) -> str:
        self.trail.append(Event(verb, DONE, target, frozenset(recipients)))
        return DONE

    # Rules

    def against_managing(self, image: Image, by: Person, role: str = "admin") -> str:
        if image.owner is None:
            return "not-custom-image"
        if by.account not in {None, image.owner}:
            return "not-own-image"
        return DONE if by.may(role) else "role-needed"

    def against_deleting(self, image: Image, by: Person) -> str:
        refusal = self.against_managing(image, by)
        return refusal or ("image-is-shared" if image.grants else DONE)

    def against_more_images(self, owner: Account, regions: Iterable[str]) -> bool:
        used = Counter(image.region for image in self.own_images(owner))
        more = Counter(regions)
        return any(used[code] + more[code] > owner.custom_image_limit for code in more)

    def judge(self, image: Image, texts: Sequence[Account | None]) -> tuple[list[str], list[str]]:
        """Return the verdict on every entry, and those that refuse all of it."""
        ready: list[Account] = []
        verdicts = []
        limit = image.owner.recipient_limit if image.owner else 0
        for account in texts:
            if account is None:
                verdicts.append("unknown")
            elif account.is_closed:
                verdicts.append("closed")
            elif account is image.owner:
                verdicts.append("owner")
            elif account in ready:
                verdicts.append("repeated")
            elif account in image.grants:
                verdicts.append("already-shared")
            elif len(image.grants) + len(ready) >= limit:
                verdicts.append("over-limit")
            elif len(self.received_images(account)) >= account.received_image_limit:
                verdicts.append("no-room")
            else:
                verdicts.append("ready")
                ready.append(account)
        harmless = {"ready", "repeated", "already-shared"}
        return verdicts, [verdict for verdict in verdicts if verdict not in harmless]

    # Sharing

    def share(
        self, image: Image, texts: Sequence[Account | None], by: Person, *, strictly: bool
    ) -> str:
        """Share with all or none. `strictly` refuses accounts that are recipients already."""
        verb = "image.shared"
        if by.account and not self.can_see(image, by):
            return NO_IMAGE
        refusal = self.against_managing(image, by, "sharer")
        if not refusal and image.owner and image.owner.is_closed:
            refusal = "account-is-closed"
        verdicts, refused = self.judge(image, texts)
        is_known = strictly and "already-shared" in verdicts
        if refused and not (is_known and set(refused) <= {"over-limit", "no-room"}):
            refusal = refusal or "entries-refused"
        elif is_known or "ready" not in verdicts:
            refusal = refusal or "already-shared"
        if refusal:
            return self.refuse(verb, refusal)
        new = [a for a, verdict in zip(texts, verdicts, strict=True) if a and verdict == "ready"]
        image.grants |= dict.fromkeys(new, (self.now, by.name))
        return self.do(verb, image, new)

    def unshare(
        self, image: Image, chosen: Collection[Account], by: Person, *, forgiving: bool
    ) -> str:
        """Unshare from all or none. `forgiving` skips those that it was unshared from before."""
        verb = "image.unshared"
        if by.account and not self.can_see(image, by):
            return NO_IMAGE
        if refusal := self.against_managing(image, by, "sharer"):
            return self.refuse(verb, refusal)
        if forgiving:
            chosen = [a for a in chosen if a in image.grants or a not in image.unshared]
            if not chosen:
                return DONE
        if not image.grants:
            return self.refuse(verb, "image-is-not-shared")
        if not all(account in image.grants for account in chosen):
            return self.refuse(verb, "not-recipients")
        return self.take(image, chosen, by)

    def take(self, image: Image, chosen: Iterable[Account], by: Person) -> str:
        taken = {account: image.grants.pop(account) for account in chosen}
        image.unshared |= taken.keys()
        known_to = {a for a in (by.account, image.owner, *taken) if a}
        self.unshares.append(Unshare(image, taken, self.now, known_to, image.name))
        return self.do("image.unshared", image, taken)

    def undo(self, unshare: Unshare, by: Person) -> str:
        verb, image = "image.shares-restored", unshare.image
        if by.account and not (self.can_see(image, by) and by.account in unshare.known_to):
            return NO_IMAGE
        verdicts, refused = self.judge(image, list(unshare.taken))
        refusal = self.against_managing(image, by, "sharer")
        if not refusal and self.now - unshare.at > UNDO_PERIOD:
            refusal = "too-late-to-restore"
        if not refusal and unshare.is_undone:
            refusal = "already-restored"
        if not refusal and "ready" not in verdicts:
            refusal = "shares-not-restored" if refused else "nothing-to-restore"
        if refusal or refused:
            return self.refuse(verb, refusal or "shares-not-restored")
        ready = zip(unshare.taken, verdicts, strict=True)
        return self.restore(unshare, [account for account, verdict in ready if verdict == "ready"])

    def restore(self, unshare: Unshare, accounts: Iterable[Account]) -> str:
        """Share again with these accounts, as if it had never been unshared from them."""
        again = {account: unshare.taken[account] for account in accounts}
        unshare.image.grants |= again
        unshare.is_undone = True
        return self.do("image.shares-restored", unshare.image, again)

    # Images

    def rename(self, image: Image, name: str, by: Person) -> str:
        if not self.can_see(image, by):
            return NO_IMAGE
        if refusal := self.against_managing(image, by):
            return self.refuse("image.edited", refusal)
        image.name = name
        return self.do("image.edited", image)

    def delete(self, images: Sequence[Image], by: Person, *, together: bool = False) -> str:
        """Delete all or none."""
        if together and not by.may("admin"):
            return self.refuse("image.deleted", "role-needed")
        if by.account and not all(self.can_see(image, by) for image in images):
            return NO_IMAGE
        for image in images:
            if refusal := self.against_deleting(image, by):
                return self.refuse("image.deleted", refusal)
        for image in images:
            image.is_deleted = True
            self.do("image.deleted", image)
        return DONE

    def copy(self, image: Image, regions: Sequence[str], name: str, by: Person) -> str:
        verb = "image.copied"
        if not self.can_see(image, by):
            return NO_IMAGE
        if refusal := self.against_managing(image, by):
            return self.refuse(verb, refusal)
        if image.region in regions:
            return self.refuse(verb, "same-region")
        assert image.owner
        if self.against_more_images(image.owner, regions):
            return self.refuse(verb, "custom-image-quota")
        for code in regions:
            self.images.append(Image(name, code, image.owner))
            self.do("image.created", self.images[-1])
        return self.do(verb, image)

    def create_image(self, instance: Instance, name: str, by: Person, *, role_first: bool) -> str:
        verb = "image.created"
        if role_first and not by.may("admin"):
            return self.refuse(verb, "role-needed")
        if instance.is_released or instance.owner is not by.account:
            return NO_INSTANCE
        if not by.may("admin"):
            return self.refuse(verb, "role-needed")
        if self.against_more_images(instance.owner, [instance.region]):
            return self.refuse(verb, "custom-image-quota")
        self.images.append(Image(name, instance.region, instance.owner))
        return self.do(verb, self.images[-1])

    # Instances

    def launch(self, image: Image, name: str, by: Person, *, role_first: bool) -> str:
        verb = "instance.created"
        if role_first and not by.may("admin"):
            return self.refuse(verb, "role-needed")
        if not self.can_see(image, by):
            return NO_IMAGE
        if not by.may("admin"):
            return self.refuse(verb, "role-needed")
        assert by.account
        self.instances.append(Instance(name, image.region, by.account, image))
        return self.do(verb, self.instances[-1])

    def reinstall(self, instance: Instance, image: Image, by: Person) -> str:
        verb = "instance.reinstalled"
        if instance.is_released or instance.owner is not by.account:
            return NO_INSTANCE
        if not by.may("admin"):
            return self.refuse(verb, "role-needed")
        if not self.can_see(image, by) or image.region != instance.region:
            return NO_IMAGE
        instance.image, instance.is_running = image, True
        return self.do(verb, instance)

    def change(self, instance: Instance, action: str, by: Person) -> str:
        """Start, stop, reboot or release."""
        verbs = {"start": "started", "stop": "stopped", "reboot": "rebooted", "release": "released"}
        verb = f"instance.{verbs[action]}"
        if instance.is_released or by.account not in {None, instance.owner}:
            return NO_INSTANCE
        if not by.may("admin"):
            return self.refuse(verb, "role-needed")
        if action == "start" and instance.is_running:
            return self.refuse(verb, "instance-not-stopped")
        if action in {"stop", "reboot"} and not instance.is_running:
            return self.refuse(verb, "instance-not-running")
        instance.is_running = action in {"start", "reboot"}
        instance.is_released = action == "release"
        return self.do(verb, instance)
