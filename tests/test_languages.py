"""Every page in Chinese: nothing is left untranslated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from accounts import audit
from accounts.actors import Channel
from accounts.audit import Verb
from accounts.models import AuditEvent
from images import restoring, sharing

from .chinese import CHINESE, HAN, latin, names
from .factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .images.pages import page_of, share, text_of
from .test_project import KEY_ID, ROUTES


def shared_and_taken_back(image, accounts, by):
    entries = [sharing.Entry(account.name, [account]) for account in accounts]
    sharing.share(image=image, entries=entries, by=by, acknowledged="2026-11 en")
    return sharing.unshare(image=image, entries=entries, by=by)


@pytest.fixture
def world(db, actor_for):
    """An owner with everything in every state, to whom everything has happened."""
    owner = AccountFactory.create()
    by = actor_for(owner)
    image = ImageFactory.create(owner=owner, image_id="m-abcdefgh", source="i-abcdefgh")
    unshared = shared_and_taken_back(image, AccountFactory.create_batch(4), by)
    restoring.restore(image=image, unshared=unshared, by=by)
    for verb in Verb:
        audit.record(by, verb, target=image.audit_target)
    for channel in Channel:
        audit.record(replace(by, channel=channel), Verb.STOP, target=image.audit_target)
    lost = ImageFactory.create()
    InstanceFactory.create(owner=owner, image=lost)
    shared_and_taken_back(lost, [owner], actor_for(lost.owner))
    received = ShareGrantFactory.create(recipient=owner).image
    for status in ("CreatedFailed", "NotAvailable", "Error"):
        ImageFactory.create(owner=owner, settled_status=status)
    ImageFactory.create(owner=owner, creating=True)
    ImageFactory.create(owner=owner, copying=True, image_id="m-copying0")
    PublicImageFactory.create()
    RegionFactory.create(code="gz", name_en="Guangzhou", name_zh="广州")
    InstanceFactory.create(owner=owner, image=image, instance_id="i-abcdefgh")
    InstanceFactory.create(owner=owner, image=received)
    for state in ("starting", "stopping", "stopped", "image_processing", "expired"):
        InstanceFactory.create(owner=owner, **{state: True})
    person = OperatorFactory.create(account=owner, inbox_seen_at=datetime(2026, 1, 1, tzinfo=UTC))
    AccessKeyFactory.create(user=person, key_id=KEY_ID)
    return person, image


NO_PAGES = {
    *("healthz", "readyz", "favicon.ico", "language/"),
    *("admin/jsi18n/", "activity/export/csv/", "activity/export/jsonl/"),
    # Django's own, in part without Chinese
    *("admin/accounts/user/1/", "admin/accounts/user/1/change/", "admin/accounts/user/add/"),
    "admin/accounts/user/1/password/",
    # What an event keeps: codes
    *("admin/accounts/auditevent/1/", "admin/accounts/auditevent/1/change/"),
    "admin/accounts/auditevent/1/history/",
}


PAGES = [
    *(route for route in ROUTES if route not in NO_PAGES),
    "bj/images/?type=shared",
    "bj/images/?type=public",
    "bj/images/?q=nothing",
    "bj/instances/?q=nothing",
    "bj/images/m-copying0/cancel/",
    *(f"activity/?verb={verb}" for verb in Verb if verb is not Verb.ROTATE_KEYS),
    "activity/?account=nobody&since=nonsense",
    "nowhere",
]


# By which the administration filters the audit trail
CODES = {"admin/accounts/auditevent/": {*Verb.values, *Channel.values}}


def english(browser, routes):
    """What is not Chinese, by page."""
    found = {route: browser.get(f"/{route}", follow=True) for route in routes}
    return {
        route: words
        for route, answer in found.items()
        if (words := latin(answer.content.decode(), names() | CODES.get(route, set())))
    }


# Every page


@pytest.mark.parametrize("who", ["owner", "recipient"])
@pytest.mark.parametrize("how", ["htmx", "plain"])
def test_no_page_speaks_english_to_a_chinese_reader(world, htmx, who, how):
    person, image = world
    if who == "recipient":
        person = UserFactory.create(account=image.grants.first().recipient)
    browser = Client(headers=CHINESE | (htmx if how == "htmx" else {}))
    browser.force_login(person)
    # The administration is for operators and does not know htmx.
    has_admin = who == "owner" and how == "plain"
    routes = [route for route in PAGES if has_admin or not route.startswith("admin/")]

    assert not english(browser, routes)


def test_empty_pages_do_not_either(client_for, account):
    RegionFactory.create()
    browser = client_for(account)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    routes = [
        *("bj/images/", "bj/images/?type=shared", "bj/images/?type=public", "bj/instances/"),
        *("bj/images/create/", "bj/images/choose/?action=share", "bj/instances/create/"),
        *("bj/", "activity/", "activity/?result=refused", "inbox/", "access-keys/"),
    ]

    assert not english(browser, routes)


@pytest.mark.django_db
def test_nor_does_the_way_in(client):
    answer = client.post("/sign-in/", {"username": "who", "password": "x"}, headers=CHINESE)

    assert "请输入一个正确的用户名和密码。" in text_of(answer)
    assert not latin(answer.content.decode(), {"who"})
    assert not latin(client.get("/sign-in/", headers=CHINESE).content.decode(), set())


def test_verdicts_and_refusals_are_chinese(world):
    person, image = world
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    already = image.grants.first().recipient.name
    full = AccountFactory.create(received_image_limit=0).name
    ready = AccountFactory.create().name
    typed = f"{already} {full} {ready} {ready} {person.account.name} 无此账号"

    answer = share(browser, image, typed)

    assert answer.status_code == 422
    text = text_of(answer)
    assert "未共享给任何账号：有 4 个条目不能作为共享对象。" in text
    for verdict in ("已共享", "对方的共享镜像已达上限", "可共享", "重复，只计一次", "这是您自己"):
        assert verdict in text
    assert "账号不存在" in text
    assert not latin(answer.content.decode(), names())


@pytest.mark.parametrize("how", ["htmx", "plain"])
def test_undo_is_chinese(world, htmx, how):
    person, image = world
    recipient = AccountFactory.create()
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    headers = htmx if how == "htmx" else {}

    share(browser, image, recipient.name, headers)
    answer = browser.post(
        page_of(image, "unshare/"), {"recipients": recipient.account_id}, headers=headers
    )
    told = browser.get("/bj/images/", headers=headers)
    unshared = AuditEvent.objects.filter(verb=Verb.UNSHARE_IMAGE, target_id=image.image_id)
    undo = page_of(image, f"restore/{unshared.latest('pk').pk}/")
    dialog = browser.get(undo, headers=headers)
    account_limit(recipient, 0)
    refused = browser.post(undo, headers=headers)
    account_limit(recipient, None)
    browser.post(undo, headers=headers)
    again = browser.get("/bj/images/", headers=headers)
    twice = browser.post(undo, headers=headers)

    assert f"已取消向 {recipient.name} 共享 {image.name}。" in text_of(told)
    assert "撤销" in text_of(told)
    assert "将恢复以下 1 个账号的共享" in text_of(dialog)
    assert refused.status_code == 422
    assert "未恢复任何共享：目前有 1 个账号不能作为共享对象。" in text_of(refused)
    assert f"已恢复向 {recipient.name} 共享 {image.name}。" in text_of(again)
    assert "这些共享已恢复。" in text_of(twice)
    for page in (answer, told, dialog, refused, again, twice):
        assert not latin(page.content.decode(), names())


def account_limit(account, limit):
    account.received_image_limit = limit
    account.save()


REFUSALS = {
    "en": (
        "Shared with 4 accounts. Unshare it first.",
        "Choose regions other than Beijing, where the image is.",
        "{account} has 1 of 1 custom images in Guangzhou; no more fit.",
        "the image is not shared with a1, a2, a3 and 1 more.",
    ),
    "zh-hans": (
        "该镜像已共享给 4 个账号，请先取消共享。",
        "镜像位于华北-北京，请选择其他地域。",
        "{account} 在华南-广州的自定义镜像已有 1 个（上限 1 个），无法再增加。",
        "该镜像没有共享给 a1、a2、a3 及另外 1 个。",
    ),
}


@pytest.mark.parametrize(("acted", "read"), [("zh-hans", "en"), ("en", "zh-hans")])
def test_a_recorded_refusal_is_read_in_the_language_of_its_reader(world, acted, read):
    person, image = world
    person.account.custom_image_limit = 1
    person.account.save()
    ImageFactory.create(owner=person.account, region_id="gz")
    strangers = [AccountFactory.create(name=name).account_id for name in ("a1", "a2", "a3", "a4")]
    browser = Client()
    browser.force_login(person)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = acted
    browser.post(page_of(image, "delete/"))
    for code in ("bj", "gz"):
        browser.post(page_of(image, "copy/"), {"regions": code, "name": "copy"})
    browser.post(page_of(image, "unshare/"), {"recipients": strangers})
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = read

    page = text_of(browser.get("/activity/?result=refused"))
    file = browser.get("/activity/export/jsonl/?result=refused").getvalue().decode()

    for sentence in REFUSALS[read]:
        assert sentence.format(account=person.account.name) in page
    assert not [
        said for said in REFUSALS[acted] if said.format(account=person.account.name) in page
    ]
    assert all(said.format(account=person.account.name) in file for said in REFUSALS["en"])
    assert not HAN.search(file)


@pytest.mark.parametrize(
    "route",
    [
        "access-keys/create/",
        "bj/images/create/",
        "bj/images/m-abcdefgh/copy/",
        "bj/images/m-abcdefgh/edit/",
        "bj/images/m-abcdefgh/delete/",
        "bj/images/m-abcdefgh/cancel/",
        "bj/images/m-abcdefgh/share/",
        "bj/images/m-abcdefgh/share/check/",
        "bj/images/m-abcdefgh/unshare/",
        "bj/instances/create/",
        "bj/instances/i-abcdefgh/reinstall/",
        "bj/instances/i-abcdefgh/start/",
    ],
)
@pytest.mark.parametrize("typed", ["", "1" * 300], ids=["empty", "long"])
def test_a_form_that_is_refused_is_chinese(world, route, typed):
    person, _image = world
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    fields = ("image", "instance", "regions", "name", "desc", "count", "spec", "login", "accounts")
    data = dict.fromkeys((*fields, "description", "password", "system_disk_gb", "zone"), typed)

    answer = browser.post(f"/{route}", data, follow=True)

    assert not latin(answer.content.decode(), names())


# Dates, numbers, lists


@pytest.mark.parametrize("headers", [{}, CHINESE])
@pytest.mark.django_db
def test_numbers_are_grouped_where_people_read_them_only(headers):
    image = ImageFactory.create(
        pk=5678, image_id="m-abcdefgh", size_gb=1234, min_disk_gb=1234, name="grouped"
    )
    InstanceFactory.create(
        owner=image.owner, image=image, instance_id="i-abcdefgh", system_disk_gb=1234
    )
    browser = Client(headers=headers)
    browser.force_login(OperatorFactory.create(account=image.owner))

    for route in PAGES:
        if "verb=" in route:  # these have the numbers of activity/
            continue
        html = browser.get(f"/{route}", follow=True).content.decode()
        technical = re.findall(r'\s(?!aria-label|title|content)[\w-]+="([^"]*)"', html)
        assert not [value for value in technical if re.search(r"\d,\d{3}", value)]
    assert "1,234 GB" in text_of(browser.get(page_of(image)))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_a_post_changes_the_language(client, method):
    answer = getattr(client, method)("/language/")

    assert answer.status_code == 405
    assert "django_language" not in answer.cookies
