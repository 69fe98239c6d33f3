"""What each kind of event says: the values before and after, where there are some."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts import invitations, keys, people, profile
from accounts.actors import SYSTEM, Actor, Channel
from accounts.audit import Verb
from accounts.models import AuditEvent, Role
from images import closing, copying, lifecycle, restoring, sharing
from images.models import Instance

from .accounts.signing_in import sign_in
from .admin import save
from .factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .images.verbs import entries_for, launch, reboot, reinstall, release, start, stop

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
# Attempts, which change nothing: the reason says it all.
ONLY_REFUSED = {Verb.USE_KEY, Verb.LOOK_UP, Verb.OPEN_IMAGE}
# Needs months of its own: tests/accounts/test_archiving.py.
ELSEWHERE = {Verb.ARCHIVE_EVENTS}

Case = Callable[[Any], dict[str, Any]]
CASES: dict[Verb, Case] = {}


def of(verb: Verb) -> Callable[[Case], Case]:
    """Add a function that records events of this kind once, and returns what they say."""

    def add(case: Case) -> Case:
        CASES[verb] = case
        return case

    return add


@pytest.fixture
def world(operator, account):
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    mei = UserFactory.create(username="mei", account=account)
    browser = Client()
    browser.force_login(mei)
    image = ImageFactory.create(owner=account, name="golden", desc="first", source="i-aaaaaaaa")
    share = {"image": image, "recipient__name": "risk", "shared_at": NOON, "shared_by": "lin"}
    return SimpleNamespace(
        account=account,
        mei=mei,
        by=Actor(account=account, name="mei", role=Role.ADMIN, channel=Channel.CONSOLE),
        browser=browser,
        operator=operator,
        image=image,
        risk=ShareGrantFactory.create(**share).recipient,
        search=AccountFactory.create(name="search"),
        instance=InstanceFactory.create(owner=account, image_id="m-theold1"),
        key=AccessKeyFactory.create(user=mei),
    )


def pair(before, after):
    return {"before": before, "after": after}


@pytest.mark.parametrize("verb", sorted(set(Verb) - ONLY_REFUSED - ELSEWHERE))
def test_every_kind_of_event_says_what_it_changed(world, verb):
    expected = CASES[verb](world)

    details = [event.detail for event in AuditEvent.objects.filter(verb=verb, outcome="done")]
    assert details
    assert details == [expected] * len(details)


# Sessions and passwords


@of(Verb.SIGN_IN)
def signs_in(world):
    sign_in(Client())
    return {}


@of(Verb.SIGN_OUT)
def signs_out(world):
    world.browser.post("/sign-out/")
    return {}


@of(Verb.END_SESSIONS)
def signs_out_elsewhere(world):
    profile.sign_out_elsewhere(person=world.mei, by=world.by, keep="")
    return {"sessions": 1}


@of(Verb.CHANGE_PASSWORD)
def an_operator_takes_the_password_away(world):
    page = f"/admin/accounts/user/{world.mei.pk}/password/"
    world.operator.post(page, {"usable_password": "false", "unset-password": ""})
    return {"hasPassword": False, "mustChange": False, "sessions": 1}


@of(Verb.INVITE)
def invites(world):
    invitations.issue(person=world.mei, by=world.by)
    return {}


@of(Verb.JOIN)
def joins(world):
    token = invitations.tokens.make_token(world.mei)
    password = "another-battery-staple"
    invitations.accept(person=world.mei, token=token, password=password, by=world.by)
    return {"sessions": 1}


@of(Verb.VIEW_ACCOUNT)
def views(world):
    world.operator.post(f"/view-as/{world.account.account_id}/")
    return {}


@of(Verb.STOP_VIEWING)
def stops_viewing(world):
    world.operator.post(f"/view-as/{world.account.account_id}/")
    world.operator.post("/view-as/stop/")
    return {}


# Records of the administration


@of(Verb.ADD)
def adds_an_account(world):
    names = {"account_id": "ab" * 16, "name": "payments", "uc_account": "uc-payments"}
    limit = {"recipient_limit": 3, "limits_reason": "pilot"}
    world.operator.post("/admin/accounts/account/add/", names | limit)
    values = names | {"recipient_limit": "3", "limits_reason": "pilot"}
    return {"changes": {name: pair("", value) for name, value in values.items()}}


@of(Verb.CHANGE)
def changes_a_limit(world):
    page = f"/admin/accounts/account/{world.account.pk}/change/"
    save(world.operator, page, recipient_limit=3, limits_reason="pilot", limits_until="2027-01-31")
    return {
        "changes": {
            "recipient_limit": pair("", "3"),
            "limits_reason": pair("", "pilot"),
            "limits_until": pair("", "2027-01-31"),
        }
    }


@of(Verb.REMOVE)
def removes_a_region(world):
    RegionFactory.create(code="xx", name_en="Nowhere", name_zh="某地", position=7)
    world.operator.post("/admin/images/region/xx/delete/", {"post": "yes"})
    values = {"code": "xx", "name_en": "Nowhere", "name_zh": "某地", "position": "7"}
    return {"changes": {name: pair(value, "") for name, value in values.items()}}


@of(Verb.EXPORT)
def exports(world):
    world.browser.get("/bj/activity/export/csv/?verb=image.shared").getvalue()
    return {"format": "csv", "filters": {"verb": "image.shared"}}


# People and keys


@of(Verb.ADD_PERSON)
def adds_a_person(world):
    people.add(account=world.account, username="lin", role="sharer", by=world.by)
    return {"role": "sharer", "isStaff": False}


@of(Verb.CHANGE_ROLE)
def changes_a_role(world):
    people.change_role(person=world.mei, role="viewer", by=SYSTEM)
    return pair("admin", "viewer")


@of(Verb.MOVE_PERSON)
def moves_a_person(world):
    people.move(person=world.mei, to=world.search, by=SYSTEM)
    return pair("platform", "search") | {"sessions": 1, "keys": 1}


@of(Verb.DEACTIVATE_PERSON)
def deactivates(world):
    people.deactivate(person=world.mei, by=SYSTEM)
    return {"sessions": 1}


@of(Verb.REACTIVATE_PERSON)
def reactivates(world):
    people.deactivate(person=world.mei, by=SYSTEM)
    people.reactivate(person=world.mei, by=SYSTEM)
    return {}


@of(Verb.CREATE_KEY)
def creates_a_key(world):
    keys.create(user=world.mei, description="pipeline", by=world.by)
    return {"person": "mei"}


@of(Verb.DISABLE_KEY)
def disables_a_key(world):
    keys.disable(key=world.key, by=SYSTEM)
    return {"person": "mei"}


@of(Verb.ENABLE_KEY)
def enables_a_key(world):
    keys.disable(key=world.key, by=SYSTEM)
    keys.enable(key=world.key, by=world.by)
    return {"person": "mei"}


@of(Verb.DELETE_KEY)
def deletes_a_key(world):
    keys.delete(key=world.key, by=SYSTEM)
    return {"person": "mei", "wasActive": True}


@of(Verb.ROTATE_KEYS)
def rotates(world):
    keys.rotate(by=SYSTEM)
    return {"count": 1}


# Accounts


@of(Verb.CLOSE_ACCOUNT)
def closes(world):
    closing.close(account=world.account, images=closing.Choice.KEEP, by=SYSTEM)
    image, instance = world.image, world.instance
    return {
        "choice": "keep",
        "people": ["mei"],
        "images": [{"id": image.image_id, "name": "golden", "region": "bj"}],
        "instances": [{"id": instance.instance_id, "name": instance.name, "region": "bj"}],
        "shared": 1,
        "received": 0,
        "keys": 1,
        "sessions": 1,
    }


@of(Verb.REOPEN_ACCOUNT)
def reopens(world):
    world.account.closed_at = NOON
    world.account.save()
    closing.reopen(account=world.account, by=SYSTEM)
    return {"closedAt": "2026-12-01T12:00:00+00:00"}


@of(Verb.HAND_OVER_IMAGE)
def hands_over_images(world):
    hand_over = closing.Choice.HAND_OVER
    closing.close(account=world.account, images=hand_over, by=SYSTEM, to=world.search)
    return pair("platform", "search")


CASES[Verb.HAND_OVER_INSTANCE] = hands_over_images


# Images


@of(Verb.CREATE_IMAGE)
def creates_an_image(world):
    instance = world.instance
    lifecycle.create_from(instance=instance, name="new", desc="second", by=world.by)
    return {"desc": "second", "source": instance.instance_id}


@of(Verb.EDIT_IMAGE)
def edits_an_image(world):
    lifecycle.edit(image=world.image, name="new", desc="second", by=world.by)
    return pair({"name": "golden", "desc": "first"}, {"name": "new", "desc": "second"})


@of(Verb.DELETE_IMAGE)
def deletes_an_image(world):
    world.image.grants.all().delete()
    lifecycle.delete(image=world.image, by=world.by)
    return {"desc": "first", "source": "i-aaaaaaaa"}


@of(Verb.COPY_IMAGE)
def copies_an_image(world):
    (new,) = copying.copy(image=world.image, codes=["gz"], name="copy", by=world.by)
    return {"copies": [{"region": "gz", "imageId": new.image_id}]}


@of(Verb.CANCEL_COPY)
def cancels_a_copy(world):
    new = ImageFactory.create(owner=world.account, copying=True, source="m-aaaaaaaa")
    copying.cancel(image=new, by=world.by)
    return {"desc": "", "source": "m-aaaaaaaa"}


@of(Verb.SHARE_IMAGE)
def shares(world):
    entries = entries_for(world.search)
    notice = "2027-01 en"
    sharing.share(image=world.image, entries=entries, by=world.by, acknowledged=notice)
    grant = world.image.grants.get(recipient=world.search)
    row = describe(world.search, grant.shared_at.isoformat(), "mei")
    return {"recipients": [row], "acknowledged": "2027-01 en"}


@of(Verb.UNSHARE_IMAGE)
def unshares(world):
    sharing.unshare(image=world.image, entries=entries_for(world.risk), by=world.by)
    return {"recipients": [describe(world.risk, "2026-12-01T12:00:00+00:00", "lin")]}


@of(Verb.RESTORE_SHARES)
def restores(world):
    event = sharing.unshare(image=world.image, entries=entries_for(world.risk), by=world.by)
    restoring.restore(image=world.image, unshare_event=event, by=world.by)
    row = describe(world.risk, "2026-12-01T12:00:00+00:00", "lin")
    return {"recipients": [row], "undoes": event.pk}


def describe(account, shared_at, shared_by):
    ids = {"account": account.name, "accountId": account.account_id}
    return ids | {"sharedAt": shared_at, "sharedBy": shared_by}


# Instances


@of(Verb.CREATE_INSTANCE)
def creates_instances(world):
    launch(world.image, world.by, names=["web-1", "web-2"], password=None, expires_at=NOON)
    facts = {"zone": "cn-bj-a", "keepsImageLogin": True, "expiresAt": "2026-12-01T12:00:00+00:00"}
    facts |= {"spec": "bcc.g5.c2m8", "systemDiskGb": 40, "image": world.image.image_id}
    return facts | {"status": Instance.objects.get(name="web-1").status}


@of(Verb.START)
def starts(world):
    start(InstanceFactory.create(owner=world.account, stopped=True), world.by)
    return pair("Stopped", "Running")


@of(Verb.STOP)
def stops(world):
    stop(world.instance, world.by)
    return pair("Running", "Stopped")


@of(Verb.REBOOT)
def reboots(world):
    reboot(world.instance, world.by)
    return pair("Running", "Running")


@of(Verb.REINSTALL)
def reinstalls(world):
    reinstall(world.instance, world.image, world.by, password=None)
    image = {"before": "m-theold1", "image": world.image.image_id}
    return image | {"keepsImageLogin": True}


@of(Verb.RELEASE)
def releases(world):
    release(world.instance, world.by)
    facts = {"image": "m-theold1", "spec": "bcc.g5.c2m8", "zone": "cn-bj-a", "systemDiskGb": 40}
    return facts | {"keepsImageLogin": False, "expiresAt": None, "status": "Running"}
