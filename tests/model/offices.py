"""The rest of the rules in memory: people, access keys, limits, and accounts that are closed."""

from __future__ import annotations

from collections.abc import Sequence

from .world import DONE, UNDO_PERIOD, Account, Image, Instance, Person, Unshare, World

NO_PERSON = "no-such-person"


def is_last_administrator(world: World, person: Person) -> bool:
    assert person.account
    people = world.people_of(person.account)
    return [each for each in people if each.is_active and each.role == "admin"] == [person]


def against_managing(world: World, verb: str, person: Person, by: Person) -> str:
    if person.account is not by.account:
        return NO_PERSON
    return DONE if by.may("admin") else world.refuse(verb, "role-needed")


def deactivate(world: World, person: Person, by: Person) -> str:
    verb = "person.deactivated"
    if refusal := against_managing(world, verb, person, by):
        return refusal
    if not person.is_active:
        return world.refuse(verb, "person-is-inactive")
    if is_last_administrator(world, person):
        return world.refuse(verb, "last-administrator")
    person.is_active = person.is_signed_in = False
    return world.do(verb, person)


def reactivate(world: World, person: Person, by: Person) -> str:
    verb = "person.reactivated"
    if refusal := against_managing(world, verb, person, by):
        return refusal
    if person.is_active:
        return world.refuse(verb, "person-is-active")
    person.is_active = True
    return world.do(verb, person)


def change_role(world: World, person: Person, role: str, by: Person) -> str:
    verb = "person.role-changed"
    if refusal := against_managing(world, verb, person, by):
        return refusal
    if is_last_administrator(world, person):
        return world.refuse(verb, "last-administrator")
    if person.role == role:
        return world.refuse(verb, "same-role")
    person.role = role
    return world.do(verb, person)


def switch(world: World, person: Person) -> str:
    """Let an operator deactivate or reactivate the person."""
    verb = "person.deactivated" if person.is_active else "person.reactivated"
    if not person.is_active and person.account and person.account.is_closed:
        return world.refuse(verb, "account-is-closed")
    person.is_active = not person.is_active
    if not person.is_active:
        person.is_signed_in = False
    return world.do(verb, person)


def change_key(world: World, person: Person, action: str) -> str:
    """Let the person disable or enable their own access key."""
    verb, was_active = f"access-key.{action}d", person.is_key_active
    if (action == "enable") == was_active:
        state = "active" if was_active else "disabled"
        return world.refuse(verb, f"access-key-is-{state}")
    person.is_key_active = not was_active
    return world.do(verb, person)


def set_limits(world: World, account: Account, limits: Sequence[int]) -> str:
    before = get_limits(account)
    account.custom_image_limit, account.recipient_limit, account.received_image_limit = limits
    return world.do("record.changed", account) if before != tuple(limits) else DONE


def get_limits(account: Account) -> tuple[int, int, int]:
    return account.custom_image_limit, account.recipient_limit, account.received_image_limit


def close(world: World, account: Account, choice: str, to: Account, by: Person) -> str:
    """Close the account. What it has is kept, released, or handed over to another account."""
    images, instances = world.own_images(account), world.own_instances(account)
    rows: list[Image | Instance] = [*images, *instances]
    if choice == "hand-over" and (refusal := against_handing_over(world, account, to)):
        return world.refuse("account.closed", refusal)
    for image in [*images, *world.received_images(account)]:
        taken = [a for a in image.grants if account in {a, image.owner}]
        if taken:
            world.take(image, taken, by)
    for row in rows:
        if choice == "release":
            dispose(world, row)
        if choice == "hand-over":
            row.owner = to
            world.do(f"{get_kind(row)}.handed-over", row)
    for person in world.people_of(account):
        shut_out(world, person)
    account.is_closed = True
    return world.do("account.closed", account)


def get_kind(row: Image | Instance) -> str:
    return "image" if isinstance(row, Image) else "instance"


def dispose(world: World, row: Image | Instance) -> None:
    if isinstance(row, Image):
        row.is_deleted = True
        world.do("image.deleted", row)
    else:
        row.is_released = True
        world.do("instance.released", row)


def shut_out(world: World, person: Person) -> None:
    person.is_signed_in = False
    if person.is_key_active:
        person.is_key_active = False
        world.do("access-key.disabled", person)


def against_handing_over(world: World, account: Account, to: Account) -> str:
    if to is account:
        return "same-owner"
    if to.is_closed:
        return "account-is-closed"
    regions = [image.region for image in world.own_images(account)]
    return "no-room-for-images" if world.against_more_images(to, regions) else DONE


def reopen(world: World, account: Account) -> str:
    if not account.is_closed:
        return DONE
    account.is_closed = False
    return world.do("account.reopened", account)


def undo(world: World, unshare: Unshare, by: Person) -> str:
    """Undo, as an operator, what the page shows of all unshares of one moment.

    What one of them takes may be missing for the next.
    """
    batch = [each for each in world.unshares if each.at == unshare.at]
    plan = {each: find_restorable(world, each) for each in batch}
    outcome = DONE
    for each in sorted(plan, key=lambda each: (each.name, each.pk)):
        if not plan[each]:
            continue
        _verdicts, refused = world.judge(each.image, plan[each])
        if each.image.owner and each.image.owner.is_closed:
            outcome = world.refuse("image.shares-restored", "account-is-closed")
        elif refused:
            outcome = world.refuse("image.shares-restored", "shares-not-restored")
        else:
            world.restore(each, plan[each])
    return outcome


def find_restorable(world: World, unshare: Unshare) -> list[Account]:
    is_over = unshare.is_undone or world.now - unshare.at > UNDO_PERIOD
    if is_over or unshare.image.is_deleted:
        return []
    verdicts, _refused = world.judge(unshare.image, list(unshare.taken))
    pairs = zip(unshare.taken, verdicts, strict=True)
    return [account for account, verdict in pairs if verdict == "ready"]
