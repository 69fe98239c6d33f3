"""Windows of a browser that record every problem."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.factories import PASSWORD

TIMEOUT = 15_000
expect.set_options(timeout=TIMEOUT)
DEFAULTS = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",  # differs from the time zone of the server
}


class Windows:
    """The windows of a test. Each has its own cookies, like the browser of another person."""

    def __init__(self, browser, url, sessions):
        self.browser = browser
        self.url = url
        self.sessions = sessions
        self.contexts = []
        self.problems: Counter[str] = Counter()
        self.expected: Counter[str] = Counter()

    def open(self, tenant=None, path="/bj/images/", **options):
        """Open a window. With `tenant`, sign in to the account and go to `path`."""
        if tenant:
            options |= {"storage_state": self._session(tenant)}
        context = self.browser.new_context(base_url=self.url, **(DEFAULTS | options))
        context.set_default_timeout(TIMEOUT)
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
        """Return the cookies of the account. Sign in the first time."""
        if tenant.account not in self.sessions:
            context = self.browser.new_context(base_url=self.url)
            sign_in(context.new_page(), tenant.account)
            self.sessions[tenant.account] = context.storage_state()
            context.close()
        return self.sessions[tenant.account]

    def expect(self, *responses):
        """Expect responses that are errors, such as '422 POST /bj/images/'."""
        self.expected.update(responses)

    def close(self):
        for context in self.contexts:
            context.close()

    def _note(self, problem):
        self.problems[problem] += 1

    def _console(self, message):
        # _response notes these.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(f"console: {message.text}")

    def _request(self, request):
        if not request.url.startswith((self.url, "data:", "about:")):
            self._note(f"another host: {request.url}")

    def _failed(self, request):
        # The page aborts a request when it no longer needs the response.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"{request.failure}: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            path = urlsplit(response.url).path
            self._note(f"{response.status} {response.request.method} {path}")


def sign_in(page, username, password=PASSWORD, path="/"):
    """Sign in, and wait for the page at `path`."""
    page.goto(f"/sign-in/?next={path}")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def tab_to(page, target, key="Tab"):
    """Press `key` until `target` has the focus. Check that every focus on the way is visible."""
    for _ in range(100):
        page.keyboard.press(key)
        assert focused(page)["outlined"], focused(page)
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {target}.")


def focused(page):
    """Return the element with the focus, and if an outline shows it: its own, or its label's."""
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
