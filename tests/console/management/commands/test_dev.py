"""`manage.py dev`, in a copy of the project that the tests edit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.bce_client_configuration import BceClientConfiguration
from baidubce.retry.retry_policy import NoRetryPolicy
from baidubce.services.bcc.bcc_client import BccClient

from ....sdk.clients import MARKS
from ...processes import Console, alive, new_folder, remove, until

pytestmark = [pytest.mark.xdist_group("up"), *MARKS[1:]]


@pytest.fixture(scope="module")
def data():
    folder = new_folder()
    yield folder
    remove(folder)


@pytest.fixture(scope="module")
def console(data, project):
    console = Console(data, project=project, command="dev")
    yield console
    if console.is_running():
        console.stop()


def wait_for(console, path, text):
    """Return the response once it has this text. The old server may still answer."""
    responses = []

    def is_shown():
        with suppress(OSError):
            responses.append(console.get(path, headers={"Accept": "text/html"}))
            return text in responses[-1][1]

    until(is_shown)
    return responses[-1]


def replace(console, file, old, new, *, then="Reloaded."):
    """Change a file in one step, and wait until the server has reloaded and logs this."""
    source = (console.project / file).read_text()
    assert old in source
    staging = console.project / "staging"
    staging.write_text(source.replace(old, new))
    staging.replace(console.project / file)
    console.read_until("Reloading.")
    console.read_until(then)


def test_a_changed_template_is_shown(running):
    replace(running, "templates/registration/login.html", "{% endblock", "A new word.{% endblock")

    wait_for(running, "/sign-in/", "A new word.")


def test_changed_code_runs(running):
    replace(running, "console/asgi.py", 'b"ok\\n"', 'b"OK\\n"')
    wait_for(running, "/healthz", "OK")
    replace(running, "console/asgi.py", 'b"OK\\n"', 'b"ok\\n"')
    wait_for(running, "/healthz", "ok")


def test_static_files_are_served_as_they_are_in_the_source(running):
    (running.project / "static" / "new.css").write_text("a { color: red }")

    assert running.get("/static/new.css") == (200, "a { color: red }")
    assert "/static/css/console.css" in running.get("/sign-in/")[1]


def test_an_error_shows_a_traceback(running):
    sound, bug = 'return redirect(static("img/favicon.svg"))', 'raise RuntimeError("a bug")'
    replace(running, "console/views.py", sound, bug)
    status, page = wait_for(running, "/favicon.ico", "a bug")
    replace(running, "console/views.py", bug, sound)

    assert status == 500
    assert "RuntimeError at /favicon.ico" in page
    assert "console/views.py" in page


def test_a_syntax_error_can_be_fixed(running):
    sound, bug = "def run_django(", "def run_django(("
    replace(running, "console/asgi.py", sound, bug, then="the old code goes on")
    still = running.get("/healthz")
    replace(running, "console/asgi.py", bug, sound)

    assert still == (200, "ok\n")
    assert any("SyntaxError" in line for line in running.lines)


def test_signatures_of_the_sdk_are_accepted(running):
    output = running.manage("createaccount", "developer", "--json").communicate()[0]
    account = json.loads(output[output.index("{") : output.rindex("}") + 1])
    client = BccClient(
        BceClientConfiguration(
            endpoint=f"http://127.0.0.1:{running.port}",
            credentials=BceCredentials(account["accessKeyId"], account["secretAccessKey"]),
            retry_policy=NoRetryPolicy(),
        )
    )

    assert client.list_images("System").images


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_with_all_its_processes(running, number):
    pids = running.processes()
    status, _output = running.stop(number)

    assert status == 0
    assert alive(pids) == []


@pytest.mark.parametrize(
    ("environment", "in_file"),
    [
        ({"HOST": "0.0.0.0"}, ""),  # noqa: S104
        ({}, "HOST=0.0.0.0\n"),
        ({"HTTPS": "1"}, ""),
        ({"TRUSTED_PROXIES": "1"}, ""),
    ],
)
def test_refuses_to_start_where_others_can_reach_it(console, environment, in_file):
    (console.project / ".env").write_text(in_file)
    run = console.manage("dev", **environment)
    output = run.communicate()[0]
    (console.project / ".env").unlink()

    assert run.returncode == 1
    assert output.startswith("CommandError: `make dev` shows tracebacks and settings to everyone")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("environment", "in_file", "is_on"),
    [
        ({"BCC_CONSOLE_DEVELOPMENT": "1"}, "", True),
        ({"BCC_CONSOLE_DEVELOPMENT": "0"}, "", False),
        ({}, "", False),
        ({}, "BCC_CONSOLE_DEVELOPMENT=1\nDEBUG=1\n", False),
        ({"BCC_CONSOLE_DEVELOPMENT": "1", "HOST": "0.0.0.0"}, "", False),  # noqa: S104
        ({"BCC_CONSOLE_DEVELOPMENT": "1"}, "HOST=0.0.0.0\n", False),
        ({"BCC_CONSOLE_DEVELOPMENT": "1", "HTTPS": "1"}, "", False),
        ({"BCC_CONSOLE_DEVELOPMENT": "1", "TRUSTED_PROXIES": "1"}, "", False),
    ],
)
def test_debug_is_on_only_for_this_machine(console, environment, in_file, is_on):
    (console.project / ".env").write_text(in_file)
    script = "from console import settings; print(settings.DEBUG)"
    output = subprocess.check_output(
        [sys.executable, "-c", script],
        cwd=console.project,
        env=console.environment(**environment),
        text=True,
    )
    (console.project / ".env").unlink()

    assert output == f"{is_on}\n"


def test_make_run_ignores_the_variable(console):
    if console.is_running():
        console.stop()
    console.run = console.manage("up", BCC_CONSOLE_DEVELOPMENT="1")
    until(console.is_healthy)
    page = console.get("/nowhere", headers={"Accept": "text/html"})
    console.stop()

    assert page[0] == 404
    assert "DEBUG" not in page[1]
