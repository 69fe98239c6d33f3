"""Windows of a browser that are watched for what must not happen in them."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.factories import PASSWORD

PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
USUAL = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",  # so that times are others than the server's
}


class Windows:
    """The windows of a test, each like another person's browser, with cookies of its own."""

    def __init__(self, browser, url, sessions):
        self.browser = browser
        self.url = url
        self.sessions = sessions
        self.contexts = []
        self.problems: Counter[str] = Counter()
        self.expected: Counter[str] = Counter()

    def open(self, tenant=None, path="/bj/images/", **options):
        """Open a window, signed in there as a person of the account."""
        if tenant:
            options |= {"storage_state": self._session(tenant)}
        context = self.browser.new_context(base_url=self.url, **(USUAL | options))
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        context.on("console", self._console)
        context.on("weberror", lambda event: self._note(f"exception: {event.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        page = context.new_page()
        if tenant:
            page.goto(path)
        return page

    def _session(self, tenant):
        """Sign in once, for all windows."""
        if tenant.account not in self.sessions:
            context = self.browser.new_context(base_url=self.url)
            sign_in(context.new_page(), tenant.account)
            self.sessions[tenant.account] = context.storage_state()
            context.close()
        return self.sessions[tenant.account]

    def expect(self, *refusals):
        """Announce answers that are refusals, such as '422 POST /bj/images/'."""
        self.expected.update(refusals)

    def close(self):
        for context in self.contexts:
            context.close()

    def _note(self, problem):
        self.problems[problem] += 1

    def _console(self, message):
        # An answer that is refused is noted as such.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(f"console: {message.text}")

    def _request(self, request):
        if not request.url.startswith((self.url, "data:", "about:")):
            self._note(f"another host: {request.url}")

    def _failed(self, request):
        # The page itself takes a question back when the answer is no longer wanted.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"{request.failure}: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            path = urlsplit(response.url).path
            self._note(f"{response.status} {response.request.method} {path}")


def sign_in(page, username, password=PASSWORD, path="/"):
    """Go to a page, by the way of the sign-in page."""
    page.goto(f"/sign-in/?next={path}")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def tab_to(page, target, key="Tab"):
    """Go there with the Tab key; at every stop on the way one sees where one is."""
    for _ in range(100):
        page.keyboard.press(key)
        assert focused(page)["outlined"], focused(page)
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached with {key}.")


def focused(page):
    """What has the focus, and whether one sees that: on itself or, for a hidden box, around it."""
    return page.evaluate(
        """() => {
            const element = document.activeElement;
            const shown = element === document.body ? [] : [
                element, element.nextElementSibling, element.closest("label"),
            ];
            return {
                tag: element.tagName,
                html: element.outerHTML.slice(0, 200),
                dialog: Boolean(element.closest("dialog")),
                outlined: element === document.body
                    || shown.some((each) => each && getComputedStyle(each).outlineStyle !== "none"),
            };
        }"""
    )
