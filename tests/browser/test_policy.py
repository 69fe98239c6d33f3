"""No page violates the Content-Security-Policy. `windows` reports other problems, too."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

from .windows import sign_in

IDENTIFIER = re.compile(r"\b[mi]-\w{8}|[0-9a-f]{32}|\d+")
TAB = re.compile(r"\btype=\w+")
LINKS = """[...document.querySelectorAll("a[href]")]
    .map((link) => new URL(link.getAttribute("href"), location))
    .filter(({ origin }) => origin === location.origin)
    .map(({ pathname, search }) => pathname + search)"""
# URLs that are not pages, and regions that are like the first two
LEFT_OUT = re.compile(
    r"^/(sign-out|static|v1|v2|../activity/export|admin/.*/export|(?!bj|gz)[a-z]{2,3})/|/recipients\.csv$"
)


def shape(address):
    """Return the URL without IDs, and without its query except for the tab."""
    url = urlsplit(address)
    tab = TAB.search(url.query)
    return IDENTIFIER.sub("*", url.path) + (f"?{tab[0]}" if tab else "")


def crawl(page, start):
    """Follow every link and open every dialog, one of each shape. Return the shapes."""
    seen, waiting = set(), [start]
    while waiting:
        address = waiting.pop()
        if shape(address) in seen or LEFT_OUT.search(shape(address)):
            continue
        seen.add(shape(address))
        page.goto(address)
        waiting += page.evaluate(LINKS)
        for opener in page.locator("[hx-get][hx-target='#dialog']").all():
            dialog = "dialog " + shape(opener.get_attribute("hx-get"))
            if dialog not in seen:
                seen.add(dialog)
                opener.dispatch_event("click")
                page.locator("dialog[open]").wait_for()
                page.keyboard.press("Escape")
    return seen


def test_console(windows, showroom):
    account, _ = showroom
    seen = crawl(windows.open(account), "/")

    assert {
        "/bj/images/",
        "/bj/images/?type=shared",
        "/bj/images/*/",
        "/bj/images/*/share/",
        "dialog /bj/images/*/share/",
        "dialog /bj/images/*/unshare/",
        "/bj/instances/*/",
        "/bj/instances/create/",
        "/bj/access-keys/",
        "/gz/images/",
    } <= seen


def test_administration(windows, showroom):
    page = windows.open()
    sign_in(page, "operator", settings.DEMO_PASSWORD, "/admin/")
    seen = crawl(page, "/admin/")

    assert {
        "/admin/accounts/account/",
        "/admin/accounts/account/add/",
        "/admin/images/image/",
        "/admin/images/image/*/change/",
    } <= seen


def test_a_violation_is_reported(windows):
    page = windows.open()
    page.goto("/sign-in/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.context.close()

    (problem,) = windows.problems
    assert problem.startswith("console: ")
    assert "Content Security Policy" in problem
    windows.problems.clear()
