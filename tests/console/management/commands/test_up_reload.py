"""`manage.py up` under load: SIGHUP, SIGTERM and a terminal that closes."""

from __future__ import annotations

import http.client
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest
from django.conf import settings

from console import postgres

from ...processes import Console, until

pytestmark = pytest.mark.xdist_group("up")

CLIENTS = 8


@pytest.fixture(scope="module")
def console(folder, project):
    """Yield the console of a project that the tests edit."""
    console = Console(folder, project=project)
    yield console
    if console.is_running():
        console.stop()


def browse(port, is_over, answers, *, keep):
    """Ask again and again, on one connection or on many. Never repeat a request that failed."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not is_over.is_set():
        try:
            client.request("POST", "/sign-in/", body=b"x" * 2000)
            response = client.getresponse()
            response.read()
            answers.append(response.status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(repr(error))
            client.close()
        if not keep:
            client.close()
        time.sleep(0.01)
    client.close()


@contextmanager
def load(port):
    """Yield the list of answers to clients that ask all the time."""
    is_over = threading.Event()
    answers: list[int | str] = []
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(CLIENTS):
            pool.submit(browse, port, is_over, answers, keep=bool(number % 2))
        try:
            until(lambda: len(answers) > 2 * CLIENTS)
            yield answers
            count = len(answers)
            until(lambda: len(answers) > count + 2 * CLIENTS)
        finally:
            is_over.set()


def sign_in(console):
    """Return a browser in which a demo person is signed in."""
    browser = build_opener(HTTPCookieProcessor())
    url = f"http://127.0.0.1:{console.port}/sign-in/"
    with browser.open(url) as page:
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[0]
    typed = {"username": "platform", "password": settings.DEMO_PASSWORD}
    browser.open(url, urlencode(typed | {"csrfmiddlewaretoken": token}).encode()).close()
    return browser


def reload(console):
    console.run.send_signal(signal.SIGHUP)
    console.read_until("Reloaded.")


def restart(console):
    console.stop()
    console.up()


def test_a_session_outlives_a_reload_and_a_restart(running):
    browser = sign_in(running)
    pages = []
    for again in (reload, restart):
        again(running)
        with browser.open(f"http://127.0.0.1:{running.port}/bj/profile/") as page:
            pages.append(page.url.rpartition(f":{running.port}")[2])

    assert pages == ["/bj/profile/"] * 2


def ask(console, host):
    return console.get("/sign-in/", headers={"Host": host})[0]


def test_a_reload_under_load_fails_no_request(running):
    old = running.named("console.server")
    before = ask(running, "new.example")
    (running.project / ".env").write_text("ALLOWED_HOSTS=127.0.0.1,new.example\n")
    template = running.project / "templates/registration/login.html"
    template.write_text(template.read_text().replace("{% endblock", "A new word.{% endblock"))
    with load(running.port) as answers:
        reload(running)
        until(lambda: not set(old) & set(running.named("console.server")))
    after = ask(running, "new.example")
    page = running.get("/sign-in/")[1]
    (running.project / ".env").unlink()

    assert set(answers) == {403}  # without a CSRF token
    assert (before, after) == (400, 200)
    assert "A new word." in page
    assert len(running.named("console.server")) == 2


@pytest.mark.parametrize(
    ("file", "text"), [("console/settings.py", "\nWRONG ="), ("console/asgi.py", "\nWRONG =")]
)
def test_code_that_does_not_start_leaves_the_old_code_running(running, file, text):
    old = running.named("console.server")
    source = (running.project / file).read_text()
    (running.project / file).write_text(source + text)
    with load(running.port) as answers:
        running.run.send_signal(signal.SIGHUP)
        running.read_until("the old code goes on")
    (running.project / file).write_text(source)

    assert set(answers) == {403}
    assert running.named("console.server") == old
    assert any("SyntaxError" in line for line in running.lines)


def test_a_stop_lets_requests_in_flight_finish(running):
    head = {
        "Authorization": f"bce-auth-v1/{32 * chr(97)}/2026-01-01T00:00:00Z/1800/host/{64 * chr(97)}"
    }
    with (
        psycopg.connect(postgres.get_url(running.folder)) as database,
        ThreadPoolExecutor() as pool,
    ):
        database.execute("LOCK TABLE accounts_accesskey")
        waiting = pool.submit(running.get, "/v2/image", headers=head)
        time.sleep(0.5)
        running.run.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        database.rollback()
        status, answer = waiting.result()
        database.close()
    running.wait_for_end()

    assert (status, "InvalidAccessKeyId" in answer) == (403, True)


def test_a_closed_terminal_ends_the_console(console):
    if console.is_running():
        console.stop()
    terminal, side = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=console.project,
        env=console.environment(),
        stdin=side,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    until(console.is_healthy)
    os.close(terminal)
    run.send_signal(signal.SIGHUP)

    assert run.wait(60) == 0
    os.close(side)
