"""The domain verbs with defaults for the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts import directory
from accounts.actors import SYSTEM
from images import instances, lifecycle, sharing
from images.models import Instance
from images.sharing import Entry
from images.specs import SPECS

from ..factories import (
    ImageFactory,
    RegionFactory,
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PASSWORD = "Golden2026!"


def launch(image, by, **changes):
    arguments: dict[str, Any] = {
        "spec": SPECS["bcc.g5.c2m8"],
        "names": ["web"],
        "system_disk_gb": 40,
        "password": PASSWORD,
    }
    order = instances.Order(**arguments | changes)
    return instances.create(image=image, order=order, by=by)


def reinstall(instance, image, by, password: str | None = PASSWORD):
    return instances.reinstall(instance=instance, image=image, password=password, by=by)


def start(instance, by):
    return instances.start(instance=instance, by=by)


def stop(instance, by):
    return instances.stop(instance=instance, by=by)


def reboot(instance, by):
    return instances.reboot(instance=instance, by=by)


def release(instance, by):
    return instances.release(instance=instance, by=by)


def reinstall_from_own_image(instance, by):
    owner = by.account or instance.owner
    return reinstall(instance, ImageFactory.create(owner=owner, region=instance.region), by)


def create_image(instance, by):
    return lifecycle.create_from(instance=instance, name="image", desc="", by=by)


def stored():
    """Return every instance as it is stored."""
    return list(Instance.objects.order_by("pk").values())


def unshare(grant, by):
    entries = [Entry(grant.recipient.name, [grant.recipient])]
    sharing.unshare(image=grant.image, entries=entries, by=by)


def draft(owner, region="bj", **fields):
    return ImageFactory.build(owner=owner, region=RegionFactory.create(code=region), **fields)


def create_from(instance, by, name="golden", desc=""):
    return lifecycle.create_from(instance=instance, name=name, desc=desc, by=by)


def entries_for(*accounts):
    return [Entry(account.name, [account]) for account in accounts]


def verdicts(image, *texts):
    matches = directory.look_up(texts, by=SYSTEM)
    review = sharing.preview(image=image, entries=[Entry(text, matches[text]) for text in texts])
    return [entry.verdict for entry in review.entries]


def share_with(image, by, *texts):
    matches = directory.look_up(texts, by=by)
    return sharing.share(image=image, entries=[Entry(text, matches[text]) for text in texts], by=by)
