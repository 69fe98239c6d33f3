"""English and Chinese: who gets which, that nothing is left untranslated, dates and numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from babel.messages.extract import extract
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.functional import Promise
from django.utils.translation import override

from accounts import audit
from accounts.actors import Channel
from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.models import AuditEvent
from accounts.wording import listed
from console import styleguide, views
from console.templatetags.ui import moment
from console.tools import messages
from images import restoring, sharing

from ..factories import (
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
from ..images.pages import page_of, share, text_of
from ..test_project import KEY_ID, ROUTES

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
HAN = re.compile(r"[\u4e00-\u9fff]")

# The catalog


def catalog():
    return messages.translation()


def ids(texts):
    return {(m.context, m.id) for m in texts if m.id}


def pairs():
    """Every text with its translation; of a plural its last form with the only one."""
    for message in catalog():
        if message.id and message.pluralizable:
            yield message.id[1], message.string[0]
        elif message.id:
            yield message.id, message.string


def test_every_text_is_in_the_catalog_and_nothing_else():
    assert ids(catalog()) == ids(messages.texts()), "run `make messages`"
    assert not catalog().obsolete


def test_every_text_is_translated():
    assert not [text for text, translation in pairs() if not translation]
    assert not [message.id for message in catalog() if message.fuzzy]


def test_the_catalog_is_as_make_messages_leaves_it():
    updated = catalog()
    updated.update(messages.texts(), no_fuzzy_matching=True)

    assert messages.PO.read_bytes() == messages.as_po(updated)
    assert messages.MO.read_bytes() == messages.as_mo(catalog())


def test_placeholders_and_tags_survive_translation():
    parts = re.compile(r"%\(\w+\)[sd]|%%|<[^>]*>")

    assert not [t for t, zh in pairs() if sorted(parts.findall(t)) != sorted(parts.findall(zh))]


def test_chinese_is_set_as_chinese():
    """Full-width punctuation, a space between the scripts, and one way to address the reader."""
    ascii_mark = re.compile(rf"{HAN.pattern}[,.;:!?()]|[,;!?()]{HAN.pattern}")
    touching = re.compile(rf"{HAN.pattern}[A-Za-z0-9]|[A-Za-z0-9]{HAN.pattern}")

    for text, translation in pairs():
        said = re.sub(r"<[^>]*>", "", translation)
        assert not ascii_mark.search(said), text
        assert not touching.search(re.sub(r"%\(\w+\)[sd]", "", said)), text
        assert "你" not in said, text


def test_a_template_is_searched_for_all_ways_to_write_a_text(tmp_path):
    template = tmp_path / "page.html"
    template.write_text(
        '{% load i18n %}\n  <p title="{% translate "a title" %}">\n'
        "{% blocktranslate count n=x %}one{% plural %}{{ n }} many{% endblocktranslate %}\n"
        '{{ _("by filter") }} {% include "x" with y=_("argument") %}</p>\n'
    )
    code = messages.python(template)

    found = [text for _, text, _, _ in extract("python", code, messages.KEYWORDS)]

    assert found == ["a title", ("one", "%(n)s many"), "by filter", "argument"]


def refusals(kind=Refused):
    for refusal in kind.__subclasses__():
        yield refusal
        yield from refusals(refusal)


# Refusals that only the API knows: its messages are BCC's own
OF_THE_API = ("accounts.idempotency", "accounts.signing", "console.api", "tests.")


def test_every_refusal_is_said_in_the_language_of_its_reader():
    ours = {each for each in refusals() if not each.__module__.startswith(OF_THE_API)}

    assert len(ours) > 30
    assert not [r for r in ours if not isinstance(getattr(r, "sentence", None), Promise)]


# Every page


class Reader(HTMLParser):
    """What a page says: its text, and the attributes that are read out or shown."""

    attributes = {"aria-label", "placeholder", "title", "alt", "data-copied", "data-none"}
    unread = {"script", "style", "pre", "code"}

    def __init__(self):
        super().__init__()
        self.said = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.said += [
            value
            for name, value in attrs
            if name in self.attributes or name.startswith("data-refuse-")
        ]
        if tag == "input" and names.get("type") == "submit":
            self.said.append(names.get("value", ""))
        if tag not in {"input", "meta", "link", "br", "hr", "img", "use", "path"}:
            self.open.append((tag, "lang" in names and tag != "html"))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(tag in self.unread or is_foreign for tag, is_foreign in self.open):
            self.said.append(data)


# Latin in Chinese: names of products and formats, units, and what has no other name
ALLOWED = {
    *("BCC", "ID", "API", "SDK", "GB", "CPU", "UTC", "OS", "SSH", "Git", "Shell", "Python", "IP"),
    *("Ubuntu", "LTS", "Linux", "Windows", "Access", "Key", "Secret"),
    *("Argon2", "x86_64", "bit", "CSV", "JSON", "Lines", "True", "False", "ENG"),
    *("Esc", "English"),
}
# What Django says in English in its own Chinese administration
OF_DJANGO = {"Model name", "Add link", "Change or view list link", "\nSearch\n"}
# What things are called in the style guide
SAMPLES = {"platform", "payments", "ada", *(str(image) for image, *_ in styleguide.samples())}
IDENTIFIERS = re.compile(
    r"\bbcc\.\w+\.\w+|\bcn-\w+-\w|\b[mi]-\w{8}\b|\b[0-9a-f]{32}\b|\b[0-9a-f-]{36}\b"
)


def latin(html, names):
    """The words of Latin letters that a Chinese page says beside names and identifiers."""
    reader = Reader()
    reader.feed(html)
    text = IDENTIFIERS.sub(" ", "\n".join(reader.said))
    for name in sorted(names | OF_DJANGO | SAMPLES, key=len, reverse=True):
        text = text.replace(name, " ")
    return set(re.findall(r"[A-Za-z]\w+", text)) - ALLOWED


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


def names():
    """Whatever somebody has typed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM accounts_account UNION SELECT uc_account FROM accounts_account"
            " UNION SELECT username FROM accounts_user UNION SELECT name FROM images_image"
            " UNION SELECT name FROM images_instance UNION SELECT image_name FROM images_instance"
            " UNION SELECT shared_by FROM images_sharegrant UNION SELECT code FROM images_region"
            " UNION SELECT name_en FROM images_region UNION SELECT actor FROM accounts_auditevent"
            " UNION SELECT description FROM accounts_accesskey"
            " UNION SELECT target_name FROM accounts_auditevent"
        )
        return {name for (name,) in cursor.fetchall() if name}


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


@pytest.mark.parametrize("who", ["owner", "recipient"])
@pytest.mark.parametrize("how", ["htmx", "plain"])
def test_no_page_speaks_english_to_a_chinese_reader(world, htmx, who, how):
    person, image = world
    if who == "recipient":
        person = UserFactory.create(account=image.grants.first().recipient)
    browser = Client(headers=CHINESE | (htmx if how == "htmx" else {}))
    browser.force_login(person)
    routes = [r for r in PAGES if who == "owner" or not r.startswith("admin/")]

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


# Who gets which


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-CN, en;q=0.5", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("de, zh;q=0.5", "zh-Hans"),
        ("en-GB, zh;q=0.5", "en"),
        ("de", "en"),
        ("", "en"),
        ("\N{SNOWMAN}" * 10, "en"),
        ("zh" * 5000, "en"),
    ],
)
@pytest.mark.django_db
def test_without_a_choice_the_browser_decides(client, accepted, tag):
    answer = client.get("/sign-in/", headers={"Accept-Language": accepted})

    assert f'<html lang="{tag}">' in answer.content.decode()
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.django_db
def test_the_switch_offers_each_language_by_its_own_name(client):
    html = client.get("/sign-in/", headers=CHINESE).content.decode()

    buttons = re.findall(r'<button [^>]*name="language"[^>]*>[^<]*</button>', html)
    english, chinese = buttons
    assert english == '<button type="submit" name="language" value="en" lang="en">English</button>'
    assert ' value="zh-hans" lang="zh-Hans" aria-current="true">中文</button>' in chinese


@pytest.mark.django_db
def test_the_switch_is_on_every_page_and_stays_there(client_for, account):
    RegionFactory.create()
    browser = client_for(account)
    page = "http://testserver/bj/images/?type=shared&q=web"
    html = browser.get(page).content.decode()
    assert '<form class="language" method="post" action="/language/">' in html

    answer = browser.post("/language/", {"language": "zh-hans"}, headers={"Referer": page})

    assert (answer.status_code, answer.url) == (302, page)
    cookie = answer.cookies["django_language"]
    assert cookie.value == "zh-hans"
    assert (cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("Lax", True, "")
    assert cookie["max-age"] == 31536000
    assert "镜像列表" in text_of(browser.get(page))
    browser.post("/language/", {"language": "en"})
    assert "Image List" in text_of(browser.get(page, headers=CHINESE))


@pytest.mark.django_db
def test_the_choice_goes_over_https_alone_where_there_is_https(client, settings):
    settings.LANGUAGE_COOKIE_SECURE = True

    answer = client.post("/language/", {"language": "zh-hans"})

    assert answer.cookies["django_language"]["secure"] is True


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "http:///evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http://testserver.evil.example/",
    ],
)
@pytest.mark.django_db
def test_the_switch_leads_nowhere_else(client, elsewhere):
    answer = client.post(
        "/language/", {"language": "en", "next": elsewhere}, headers={"Referer": elsewhere}
    )

    assert answer.url == "/"


@pytest.mark.parametrize("language", ["", "de", "zh-hant", "../en", "x" * 1000])
@pytest.mark.django_db
def test_another_language_changes_nothing(client, language):
    client.post("/language/", {"language": language})

    assert '<html lang="zh-Hans">' in client.get("/sign-in/", headers=CHINESE).content.decode()


@pytest.mark.django_db
def test_what_fails_before_any_page_is_in_the_language_of_its_reader(client):
    client.get("/sign-in/", headers={"Accept-Language": "en"})

    chinese = client.post("/sign-in/", {"username": "x" * 5_000_000}, headers=CHINESE)
    english = client.post("/sign-in/", {"username": "x" * 5_000_000})

    assert "提交内容过大" in text_of(chinese)
    assert '<html lang="zh-Hans">' in chinese.content.decode()
    assert "Too much at once" in text_of(english)


@pytest.mark.django_db
def test_an_expired_form_and_a_failure_are_chinese(rf):
    browser = Client(enforce_csrf_checks=True, headers=CHINESE)
    browser.force_login(UserFactory.create())
    assert "表单已过期" in text_of(browser.post("/access-keys/create/"))

    with override("zh-hans"):
        html = views.server_error(rf.get("/")).content.decode()
    assert "系统错误" in html
    assert not latin(html, set())


@pytest.mark.django_db
def test_the_api_speaks_english_whatever_is_accepted(client):
    answer = client.get("/v2/image", headers=CHINESE)

    assert json.loads(answer.content)["code"] == "AccessDenied"
    assert not HAN.search(json.loads(answer.content)["message"])


@pytest.mark.django_db
def test_the_administration_follows(client):
    client.force_login(OperatorFactory.create())

    answer = client.get("/admin/", headers=CHINESE)

    assert "BCC 控制台系统管理" in text_of(answer)
    assert "自定义镜像" not in text_of(answer)


# Dates, numbers, lists

WHEN = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Nov 3, 2026, 09:05<span> UTC</span>"),
        ("zh-hans", "2026年11月3日 09:05<span> UTC</span>"),
    ],
)
def test_a_moment(language, text):
    with override(language):
        assert moment(WHEN) == f'<time datetime="2026-11-03T09:05:00Z">{text}</time>'


@pytest.mark.parametrize(
    ("language", "names", "text"),
    [
        ("en", "ab", "a, b"),
        ("zh-hans", "ab", "a、b"),
        ("en", "abcde", "a, b, c and 2 more"),
        ("zh-hans", "abcde", "a、b、c 及另外 2 个"),
    ],
)
def test_a_list_of_names(language, names, text):
    with override(language):
        assert listed(list(names)) == text


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
