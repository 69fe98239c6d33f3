"""Single sign-on between two real processes: the console as in production, and a provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ..console.processes import until
from ..openid import Provider, Visitor


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.stop()


def test_a_person_signs_in_until_the_provider_signs_them_out(start, provider):
    server = start(**provider.settings, LOCAL_SIGN_IN="0")
    provider.console_url, provider.logout_url = server.url, f"{server.url}/sign-in/sso/logout/"
    server.make_account("single")
    provider.say("4711", preferred_username="li", account="single")
    provider.start()
    browser, visitor = requests.Session(), Visitor(provider)
    images = f"{server.url}/bj/images/"

    page = browser.get(images, timeout=30)
    assert 'href="/sign-in/sso/?next=/bj/images/"' in page.text
    assert 'type="password"' not in page.text

    link = f"{server.url}/sign-in/sso/?next=/bj/images/"
    leave = browser.get(link, allow_redirects=False, timeout=30)
    back = visitor.go(leave.headers["Location"], "4711")
    assert browser.get(back, timeout=30).url == images

    visitor.sign_out()
    until(lambda: browser.get(images, timeout=30).url != images)

    code = parse_qs(urlsplit(back).query)["code"][0]
    assert code not in server.log.read_text()
    assert server.failures() == []
