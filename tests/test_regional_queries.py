"""Statements on images, instances and shares name their region or their account (docs/scale.md).

Every page is opened, every form and call is sent, and each statement is read. The administration is
left out, because it looks at all regions.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from images.models import Image, Instance, ShareGrant

from .console.api.programs import Program
from .console.test_urls import PREPARATIONS, send
from .console.url_table import read_table
from .console.visitors import World
from .factories import FAR, AccessKeyFactory, ImageFactory, InstanceFactory

pytestmark = pytest.mark.django_db

REGIONAL = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO) "?images_(?:image|instance|sharegrant)\b')
VALUE = r'"? (?:= (?:ANY )?\(*%|IN \((?:%|SELECT U))'
REGION = re.compile(f"region_id{VALUE}")
ACCOUNT = re.compile(f"(?:owner|recipient)_id{VALUE}")
INSERTED = re.compile(r'^INSERT INTO "?images_\w+"? \([^)]*\b(?:region|owner)_id\b')
# The key of a row that was read before, by its region or account
KEY = re.compile(
    r'(?:"images_(?:image|instance)"\."id|("images_sharegrant"|U\d)\."image_id|WHERE id)' + VALUE
)
PROJECT = Path(settings.BASE_DIR)
SOURCE = tuple(str(PROJECT / name) for name in ("accounts", "console", "images"))

# Functions whose statements name none of these, and why
IN_ALL_REGIONS = {
    "images/strangers.py record": "an ID that the account can't see may be of any region",
}

IMAGE, INSTANCE = "/v2/image", "/v2/instance"
ORDER = {"imageId": "m-abcdefgh", "spec": "bcc.g5.c2m8", "name": "web"}
PASSWORD = {"adminPass": "3ccefba41cc272edb031c0571e343fe9"}
ALL = {"instanceIds": ["i-abcdefgh"]}
CALLS = [
    *[("GET", IMAGE, None, {"imageType": each}) for each in ("All", "Custom", "Sharing", "System")],
    ("POST", IMAGE, {"imageName": "new", "instanceId": "i-abcdefgh"}, {}),
    ("PUT", f"{IMAGE}/rename", {"imageId": "m-abcdefgh", "name": "renamed"}, {}),
    ("POST", f"{IMAGE}/os", ALL, {}),
    ("GET", f"{IMAGE}/m-abcdefgh", None, {}),
    ("GET", f"{IMAGE}/m-abcdefgh/sharedUsers", None, {}),
    ("POST", f"{IMAGE}/m-abcdefgh", {"account": "stranger"}, {"share": ""}),
    ("POST", f"{IMAGE}/m-abcdefgh", {"account": "recipient"}, {"unshare": ""}),
    ("POST", f"{IMAGE}/m-abcdefgh", {"name": "copy", "destRegion": ["gz"]}, {"remoteCopy": ""}),
    ("POST", f"{IMAGE}/m-copying1", None, {"cancelRemoteCopy": ""}),
    ("DELETE", f"{IMAGE}/m-unshared", None, {}),
    ("GET", INSTANCE, None, {}),
    ("GET", INSTANCE, None, {"status": "Running", "fuzzyInstanceName": "web"}),
    ("POST", INSTANCE, ORDER, {}),
    ("POST", f"{INSTANCE}/listByInstanceId", ALL, {}),
    ("GET", f"{INSTANCE}/i-abcdefgh", None, {}),
    ("PUT", f"{INSTANCE}/i-abcdefgh", None, {"stop": ""}),
    ("PUT", f"{INSTANCE}/i-stopped1", None, {"start": ""}),
    ("PUT", f"{INSTANCE}/i-abcdefgh", None, {"reboot": ""}),
    ("PUT", f"{INSTANCE}/i-stopped1", {"imageId": "m-abcdefgh", **PASSWORD}, {"rebuild": ""}),
    ("PUT", f"{INSTANCE}/batchAction", ALL, {"stop": ""}),
    ("DELETE", f"{INSTANCE}/i-abcdefgh", None, {}),
    ("POST", "/v2/region/describeRegions", {}, {}),
]


@pytest.fixture
def world(db):
    return World()


class Statements:
    """What the statements name, by the function of the project that runs them."""

    def __init__(self):
        self.named: Counter[str] = Counter()
        self.others: dict[str, str] = {}

    def __call__(self, execute, sql, params, many, context):
        for statement in filter(REGIONAL.search, sql.split("; ")):
            if caller := find_caller():
                named = find_named(statement)
                self.named[named] += 1
                if named == "nothing":
                    self.others[caller] = statement
        return execute(sql, params, many, context)


def find_named(sql):
    if REGION.search(sql) or INSERTED.search(sql):
        return "region"
    if ACCOUNT.search(sql):
        return "account"
    return "key" if KEY.search(sql) else "nothing"


def is_of_project(file):
    return file.startswith(SOURCE) and not file.endswith("accounts/kept.py")


def find_caller():
    """Return the module and the function of the project that runs the statement."""
    frame = sys._getframe()
    while frame and not is_of_project(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:  # a test's own
        return ""
    return f"{Path(frame.f_code.co_filename).relative_to(PROJECT)} {frame.f_code.co_name}"


def is_of_accounts(route):
    return not route.startswith("admin/")


def test_statements_name_their_region_or_their_account(world):
    statements = Statements()
    with connection.execute_wrapper(statements):
        for visitor in ("admin", "recipient"):
            visit_pages(world, visitor)
        statuses = send_calls(world)

    assert set(statuses) == {200}
    assert all(statements.named[each] > 20 for each in ("region", "account", "key"))
    assert set(statements.others) == set(IN_ALL_REGIONS), statements.others


def visit_pages(world, visitor):
    for route in filter(is_of_accounts, read_table()):
        for method in ("GET", "POST"):
            with transaction.atomic():
                if prepare := PREPARATIONS.get(route.removeprefix("<region:region>/")):
                    prepare(world)
                send(world.browser(visitor), method, world.fill(route))
                transaction.set_rollback(True)


def send_calls(world):
    program = Program(AccessKeyFactory.create(user=world.people["admin"]))
    new = {"owner": world.owner, "region": world.image.region}
    ImageFactory.create(image_id="m-unshared", **new)
    ImageFactory.create(image_id="m-copying1", passing_status="Copying", settles_at=FAR, **new)
    InstanceFactory.create(instance_id="i-stopped1", settled_status="Stopped", **new)
    statuses = []
    for method, path, body, query in CALLS:
        with transaction.atomic():
            statuses.append(program(method, path, body, **query).status_code)
            transaction.set_rollback(True)
    return statuses


def test_foreign_keys_lead_to_regions_to_accounts_or_to_the_same_region():
    keys = {
        f"{model._meta.model_name}.{field.name}": field.related_model._meta.model_name
        for model in (Image, Instance, ShareGrant)
        for field in model._meta.fields
        if field.related_model
    }

    assert keys == {
        "image.region": "region",
        "image.owner": "account",
        "instance.region": "region",
        "instance.owner": "account",
        "sharegrant.image": "image",  # a share is where its image is
        "sharegrant.owner": "account",
        "sharegrant.recipient": "account",
    }
