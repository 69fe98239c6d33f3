"""What is compared after each action: the trail, the rows, and what the surfaces show."""

from __future__ import annotations

from collections import Counter

from accounts.models import AccessKey, AuditEvent, User
from accounts.models import Account as AccountRow
from images import invariants
from images.models import Image as ImageRow
from images.models import Instance as InstanceRow
from images.models import ShareGrant

from .surfaces import Api, Console
from .world import Account, Event, Person, World

SUBJECTS = ("image", "instance", "account", "person", "access-key", "record")
REGIONS = ("bj", "gz")


def name_new(world: World) -> None:
    """Learn the IDs of the images and instances that the model has just added."""
    for image in world.images:
        if not image.image_id:
            image.image_id = ImageRow.objects.get(name=image.name, region=image.region).image_id
    for instance in world.instances:
        if not instance.instance_id:
            instance.instance_id = InstanceRow.objects.get(name=instance.name).instance_id


def get_id(target: object) -> str:
    if isinstance(target, Person):
        return target.name
    for field in ("image_id", "instance_id", "account_id"):
        if hasattr(target, field):
            return str(getattr(target, field))
    return ""


def to_row(event: Event) -> tuple[object, ...]:
    if event.reason:
        return event.verb, event.reason
    recipients = tuple(sorted(account.account_id for account in event.recipients))
    return event.verb, "", get_id(event.target), recipients


def read_row(event: AuditEvent) -> tuple[object, ...]:
    if event.outcome == "refused":
        return event.verb, event.reason
    target = event.target_id
    if event.verb.startswith("access-key"):
        target = AccessKey.objects.get(key_id=target).user.username
    elif event.target_type == "user":
        target = event.target_name
    return event.verb, "", target, tuple(sorted(event.recipients))


def check_trail(world: World, since: int, outcome: str) -> None:
    """Compare the events since the last action. What nobody may see makes none that says done."""
    events = AuditEvent.objects.filter(pk__gt=since).order_by("pk")
    found = [each for each in events if each.verb.split(".")[0] in SUBJECTS]
    if outcome in {"missing", "signed out"} or not world.trail:
        assert [each for each in found if each.outcome == "done"] == []
        return
    assert Counter(map(read_row, found)) == Counter(map(to_row, world.trail))


def name_unshares(world: World, since: int) -> None:
    """Learn the events of the unshares that the model has just added, which an undo names."""
    events = AuditEvent.objects.filter(pk__gt=since, verb="image.unshared", outcome="done")
    for event in events.order_by("pk"):
        (unshare,) = [
            each for each in world.unshares if not each.pk and get_id(each.image) == event.target_id
        ]
        unshare.pk = event.pk


def check_rows(world: World) -> None:
    """Compare the tables with the model."""
    live = ImageRow.objects.exclude(owner=None).select_related("owner")
    rows = live.values_list("image_id", "name", "region", "owner__name")
    owned = [image for image in world.live_images if image.owner]
    assert set(rows) == {(i.image_id, i.name, i.region, i.owner.name) for i in owned if i.owner}
    grants = ShareGrant.objects.values_list(
        *("image__image_id", "owner__name", "recipient__name", "shared_at", "shared_by")
    )
    assert set(grants) == {
        (image.image_id, image.owner.name, account.name, at, by)
        for image in owned
        for account, (at, by) in image.grants.items()
        if image.owner
    }
    instances = InstanceRow.objects.live().values_list(
        *("instance_id", "owner__name", "image_id", "settled_status")
    )
    assert set(instances) == {
        (i.instance_id, i.owner.name, i.image.image_id, "Running" if i.is_running else "Stopped")
        for i in world.live_instances
    }
    people = User.objects.values_list("username", "is_active", "role")
    assert set(people) == {(each.name, each.is_active, each.role) for each in world.people}
    keys = AccessKey.objects.values_list("user__username", "is_active")
    assert set(keys) == {(p.name, p.is_key_active) for p in world.people if p.account}
    assert invariants.find() == []
    closed = AccountRow.objects.exclude(closed_at=None).values_list("name", flat=True)
    assert set(closed) == {account.name for account in world.accounts if account.is_closed}


def check_pages(
    world: World, console: Console, person: Person, account: Account, region: str
) -> None:
    """Compare the lists of the console, and the limits that they show."""
    browser = console.open(person)
    own = browser.get(f"/{region}/images/").context
    images = [image for image in world.own_images(account) if image.region == region]
    shown = {(row["image"].image_id, row["image"].recipient_count) for row in own["rows"]}
    assert shown == {(image.image_id, len(image.grants)) for image in images}
    assert own["recipient_limit"] == account.recipient_limit
    assert own["custom_limit"] == account.custom_image_limit
    assert own["received"] == len(world.received_images(account))
    assert own["received_limit"] == account.received_image_limit
    shared = browser.get(f"/{region}/images/?type=shared").context["rows"]
    received = [image for image in world.received_images(account) if image.region == region]
    assert {row["image"].image_id for row in shared} == {image.image_id for image in received}


def check_answers(world: World, api: Api, person: Person, account: Account, region: str) -> None:
    """Compare the lists of the API, and the recipients of an image."""
    for kind, images in (
        ("Custom", world.own_images(account)),
        ("Sharing", world.received_images(account)),
    ):
        _done, content = api.call(person, region, "GET", "image", imageType=kind)
        ids = {each["id"] for each in content["images"]}
        assert ids == {image.image_id for image in images if image.region == region}
    _done, content = api.call(person, region, "GET", "instance")
    instances = [each for each in world.own_instances(account) if each.region == region]
    assert {each["id"] for each in content["instances"]} == {i.instance_id for i in instances}
    for image in world.own_images(account)[-1:]:
        path = f"image/{image.image_id}/sharedUsers"
        _done, content = api.call(person, image.region, "GET", path)
        assert {user["accountId"] for user in content["users"]} == {
            account.account_id for account in image.grants
        }
    for image in world.images[-1:]:
        outcome, _content = api.call(person, image.region, "GET", f"image/{image.image_id}")
        assert outcome == ("done" if world.can_see(image, person) else "missing")
