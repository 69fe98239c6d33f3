"""How the language is chosen."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils.translation import override
from pytest_django.asserts import assertInHTML

from console import views

from .chinese import CHINESE, HAN, latin
from .factories import (
    OperatorFactory,
    RegionFactory,
    UserFactory,
)
from .images.pages import text_of


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
def test_the_switch_shows_each_language_in_its_own_name(client):
    html = client.get("/sign-in/", headers=CHINESE).content.decode()

    button = '<button type="submit" name="language"'
    assertInHTML(f'{button} value="en" lang="en">English</button>', html, count=1)
    assertInHTML(
        f'{button} value="zh-hans" lang="zh-Hans" aria-current="true">中文</button>', html, count=1
    )
    assert html.count('name="language"') == 2


@pytest.mark.django_db
def test_the_switch_keeps_the_page_and_its_query(client_for, account):
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
def test_the_language_cookie_is_secure_if_the_settings_say_so(client, settings):
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
def test_the_switch_does_not_redirect_to_other_sites(client, elsewhere):
    answer = client.post(
        "/language/", {"language": "en", "next": elsewhere}, headers={"Referer": elsewhere}
    )

    assert answer.url == "/"


@pytest.mark.parametrize("language", ["", "de", "zh-hant", "../en", "x" * 1000])
@pytest.mark.django_db
def test_an_unsupported_language_is_ignored(client, language):
    client.post("/language/", {"language": language})

    assert '<html lang="zh-Hans">' in client.get("/sign-in/", headers=CHINESE).content.decode()


@pytest.mark.django_db
def test_an_early_error_is_in_the_language_of_its_reader(client):
    client.get("/sign-in/", headers={"Accept-Language": "en"})

    chinese = client.post("/sign-in/", {"username": "x" * 5_000_000}, headers=CHINESE)
    english = client.post("/sign-in/", {"username": "x" * 5_000_000})

    assert "请求过大" in text_of(chinese)
    assert '<html lang="zh-Hans">' in chinese.content.decode()
    assert "Request too large" in text_of(english)


@pytest.mark.django_db
def test_the_expired_form_and_the_server_error_are_chinese(rf):
    browser = Client(enforce_csrf_checks=True, headers=CHINESE)
    browser.force_login(UserFactory.create())
    assert "表单已过期" in text_of(browser.post("/bj/access-keys/create/"))

    with override("zh-hans"):
        html = views.server_error(rf.get("/")).content.decode()
    assert "出现错误" in html
    assert not latin(html, set())


@pytest.mark.django_db
def test_the_api_is_always_english(client):
    answer = client.get("/v2/image", headers=CHINESE)

    assert json.loads(answer.content)["code"] == "AccessDenied"
    assert not HAN.search(json.loads(answer.content)["message"])


@pytest.mark.django_db
def test_the_administration_follows_the_browser(client):
    client.force_login(OperatorFactory.create())

    answer = client.get("/admin/", headers=CHINESE)

    assert "BCC 控制台系统管理" in text_of(answer)
    assert "自定义镜像" not in text_of(answer)
