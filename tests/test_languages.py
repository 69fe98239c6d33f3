"""Every page in Chinese, without untranslated text."""

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
from images.models import Image

from .chinese import CHINESE, HAN, find_spaces_after_stops, latin, names
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


def share_and_unshare(image, accounts, by):
    entries = [sharing.Entry(account.name, [account]) for account in accounts]
    sharing.share(image=image, entries=entries, by=by, acknowledged="2026-11 en")
    return sharing.unshare(image=image, entries=entries, by=by)


@pytest.fixture
def world(db, actor_for):
    """Create a person with images and instances in every state, and events of every kind."""
    owner = AccountFactory.create()
    by = actor_for(owner)
    image = ImageFactory.create(owner=owner, image_id="m-abcdefgh", source="i-abcdefgh")
    unshared = share_and_unshare(image, AccountFactory.create_batch(4), by)
    restoring.restore(image=image, unshare_event=unshared, by=by)
    for verb in Verb:
        audit.record(by, verb, target=image.audit_target)
    for channel in Channel:
        audit.record(replace(by, channel=channel), Verb.STOP, target=image.audit_target)
    other = ImageFactory.create()
    InstanceFactory.create(owner=owner, image=other)
    share_and_unshare(other, [owner], actor_for(other.owner))
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
    "admin/jsi18n/",
    # Files, and former addresses that lead to them
    *("bj/activity/export/csv/", "bj/activity/export/jsonl/"),
    *("admin/accounts/auditevent/export/csv/", "admin/accounts/auditevent/export/jsonl/"),
    *("activity/export/csv/", "activity/export/jsonl/"),
    "bj/images/m-abcdefgh/recipients.csv",
    # Pages of Django that are only partly translated
    *("admin/accounts/user/1/", "admin/accounts/user/1/change/", "admin/accounts/user/add/"),
    "admin/accounts/user/1/password/",
    # Events contain codes
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
    *(f"bj/activity/?verb={verb}" for verb in Verb if verb is not Verb.ROTATE_KEYS),
    "bj/activity/?account=nobody&since=nonsense",
    "nowhere",
]


def english(browser, routes):
    """Return the untranslated words of each page that has some."""
    found = {route: browser.get(f"/{route}", follow=True) for route in routes}
    return {
        route: words
        for route, answer in found.items()
        if (words := latin(answer.content.decode(), names()))
    }


# Every page


@pytest.mark.parametrize("who", ["owner", "recipient"])
@pytest.mark.parametrize("mode", ["htmx", "plain"])
def test_no_page_contains_english_for_a_chinese_reader(world, htmx, who, mode):
    person, image = world
    if who == "recipient":
        person = UserFactory.create(account=image.grants.first().recipient)
    browser = Client(headers=CHINESE | (htmx if mode == "htmx" else {}))
    browser.force_login(person)
    # The administration is for operators and does not know htmx.
    has_admin = who == "owner" and mode == "plain"
    routes = [route for route in PAGES if has_admin or not route.startswith("admin/")]

    assert not english(browser, routes)


def test_no_empty_page_contains_english(client_for, account):
    RegionFactory.create()
    browser = client_for(account)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    routes = [
        *("bj/images/", "bj/images/?type=shared", "bj/images/?type=public", "bj/instances/"),
        *("bj/images/create/", "bj/images/choose/?action=share", "bj/instances/create/"),
        *("bj/", "bj/activity/", "bj/activity/?result=refused", "bj/inbox/", "bj/access-keys/"),
    ]

    assert not english(browser, routes)


@pytest.mark.django_db
def test_the_sign_in_page_contains_no_english(client):
    answer = client.post("/sign-in/", {"username": "who", "password": "x"}, headers=CHINESE)

    assert "用户名或密码错误。" in text_of(answer)
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
    assert "未共享给任何账号，请修改或移除 3 个条目。" in text
    for verdict in ("已共享", "对方的共享镜像已达上限", "可共享", "重复", "不能共享给自己"):
        assert verdict in text
    assert "账号不存在" in text
    assert not latin(answer.content.decode(), names())


@pytest.mark.parametrize("mode", ["htmx", "plain"])
def test_undo_is_chinese(world, htmx, mode):
    person, image = world
    recipient = AccountFactory.create()
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    headers = htmx if mode == "htmx" else {}

    share(browser, image, recipient.name, headers)
    answer = browser.post(
        page_of(image, "unshare/"), {"recipients": recipient.account_id}, headers=headers
    )
    message = browser.get("/bj/images/", headers=headers)
    unshared = AuditEvent.objects.filter(verb=Verb.UNSHARE_IMAGE, target_id=image.image_id)
    undo = page_of(image, f"restore/{unshared.latest('pk').pk}/")
    dialog = browser.get(undo, headers=headers)
    account_limit(recipient, 0)
    refused = browser.post(undo, headers=headers)
    account_limit(recipient, None)
    browser.post(undo, headers=headers)
    again = browser.get("/bj/images/", headers=headers)
    twice = browser.post(undo, headers=headers)

    assert f"已取消向 {recipient.name} 共享 {image.name}。" in text_of(message)
    assert "恢复共享" in text_of(message)
    assert "将恢复以下 1 个账号的共享" in text_of(dialog)
    assert refused.status_code == 422
    assert "未恢复任何共享：目前无法共享给其中 1 个账号。" in text_of(refused)
    assert f"已恢复向 {recipient.name} 共享 {image.name}。" in text_of(again)
    assert "这些共享已恢复。" in text_of(twice)
    for page in (answer, message, dialog, refused, again, twice):
        assert not latin(page.content.decode(), names())


def account_limit(account, limit):
    account.received_image_limit = limit
    account.save()


REFUSALS = {
    "en": (
        "Shared with 4 accounts. Unshare it first.",
        "The image is already in Beijing. Select other regions.",
        "{account} has 1 of 1 custom images in Guangzhou. Delete one first.",
        "Nothing was unshared. The image isn't shared with {a1}, {a2}, {a3} and 1 more.",
    ),
    "zh-hans": (
        "该镜像已共享给 4 个账号，请先取消共享。",
        "镜像已在华北-北京，请选择其他地域。",
        "{account} 在华南-广州的自定义镜像已有 1 个（上限 1 个），请先删除不再使用的镜像。",
        "未取消任何共享：该镜像没有共享给 {a1}、{a2}、{a3} 及另外 1 个。",
    ),
}


@pytest.mark.parametrize(("writer", "reader"), [("zh-hans", "en"), ("en", "zh-hans")])
def test_a_recorded_refusal_is_shown_in_the_language_of_its_reader(world, writer, reader):
    person, image = world
    person.account.custom_image_limit = 1
    person.account.save()
    ImageFactory.create(owner=person.account, region_id="gz")
    strangers = [f"a{number}" * 16 for number in (1, 2, 3, 4)]
    for account_id in strangers:
        AccountFactory.create(account_id=account_id)
    names = {"account": person.account.name, **{text[:2]: text for text in strangers}}
    browser = Client()
    browser.force_login(person)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = writer
    browser.post(page_of(image, "delete/"))
    for code in ("bj", "gz"):
        browser.post(page_of(image, "copy/"), {"regions": code, "name": "copy"})
    browser.post(page_of(image, "unshare/"), {"recipients": strangers})
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = reader

    page = text_of(browser.get("/bj/activity/?result=refused"))
    file = browser.get("/bj/activity/export/jsonl/?result=refused").getvalue().decode()

    for sentence in REFUSALS[reader]:
        assert sentence.format(**names) in page
    for sentence in REFUSALS[writer]:
        assert sentence.format(**names) not in page
    for sentence in REFUSALS["en"]:
        assert sentence.format(**names) in file
    assert not HAN.search(file)


@pytest.mark.parametrize(
    "route",
    [
        "bj/access-keys/create/",
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
def test_a_refused_form_is_chinese(world, route, typed):
    person, _image = world
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    fields = ("image", "instance", "regions", "name", "desc", "count", "spec", "login", "accounts")
    data = dict.fromkeys((*fields, "description", "password", "system_disk_gb", "zone"), typed)

    answer = browser.post(f"/{route}", data, follow=True)

    assert not latin(answer.content.decode(), names())


# Sentences


def test_no_space_is_between_two_chinese_sentences(world, client_for):
    person, _image = world
    browser = Client(headers=CHINESE)
    browser.force_login(person)
    empty = client_for(AccountFactory.create())
    empty.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    routes = [route for route in PAGES if not route.startswith("admin/")]
    gone = "bj/instances/create/?image=m-00000000"
    progress = "bj/images/progress/?" + "&".join(
        f"id={each.image_id}" for each in Image.objects.all()
    )

    found = [
        (route, find_spaces_after_stops(each.get(f"/{route}", follow=True).content.decode()))
        for each in (browser, empty)
        for route in (*routes, gone, progress)
    ]

    assert [(route, texts) for route, texts in found if texts] == []


# Dates, numbers, lists


@pytest.mark.parametrize("headers", [{}, CHINESE])
@pytest.mark.django_db
def test_only_visible_numbers_have_thousands_separators(headers):
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
