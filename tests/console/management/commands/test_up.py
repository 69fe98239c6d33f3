"""`manage.py up` with real processes: started, stopped, killed and restarted."""

from __future__ import annotations

import os
import re
import signal
import stat
from contextlib import suppress

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from ...processes import KEYS, Console, alive, free_port, until

pytestmark = pytest.mark.xdist_group("up")


def test_the_first_run_creates_everything_it_needs(empty):
    console = Console(empty)
    console.up()
    pids = console.processes()

    assert console.get("/readyz") == (200, "ready\n")
    assert console.get("/sign-in/")[0] == 200
    for key in ("secret_key", "access_key_encryption_key"):
        assert stat.S_IMODE((empty / key).stat().st_mode) == 0o600
    status, output = console.stop()
    assert status == 0
    assert f"http://127.0.0.1:{console.port}/" in output
    assert f"platform   {settings.DEMO_PASSWORD}" in output
    assert "Traceback" not in output
    assert alive(pids) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every_stop_signal_ends_all_processes(running, number):
    pids = running.processes()
    status, output = running.stop(number)

    assert status == 0
    assert "Traceback" not in output
    assert alive(pids) == []


def test_the_second_run_uses_the_same_data_and_keys(running):
    keys = ("secret_key", "access_key_encryption_key")
    contents = [(running.folder / key).read_text() for key in keys]
    accounts = running.count_accounts()
    running.stop()
    running.up()

    assert running.count_accounts() == accounts > 0
    assert [(running.folder / key).read_text() for key in keys] == contents


def test_it_does_not_start_without_the_encryption_key(running):
    running.manage("createaccount", f"keyed-{running.count_accounts()}").communicate()
    running.stop()
    file = running.folder / "access_key_encryption_key"
    content = file.read_text()
    malformed = running.manage("up", ACCESS_KEY_ENCRYPTION_KEYS="swordfish").communicate()[0]
    other = running.manage("up", ACCESS_KEY_ENCRYPTION_KEYS=Fernet.generate_key().decode())
    wrong = other.communicate()[0]
    file.unlink()
    missing = running.manage("up").communicate()[0]
    was_created = file.exists()
    file.write_text(content)
    running.up()

    assert "Key 1 in ACCESS_KEY_ENCRYPTION_KEYS is not a valid Fernet key" in malformed
    assert "swordfish" not in malformed
    for output in (wrong, missing):
        assert output == (
            "CommandError: ACCESS_KEY_ENCRYPTION_KEYS lacks a key that this database was used "
            "with. Copy the keys of another server, or restore the file with the key in DATA_DIR.\n"
        )
    assert not was_created
    assert running.get("/readyz")[0] == 200


def test_servers_that_share_a_database_must_be_given_its_keys(empty, new_server):
    """Keys of their own would keep each from reading what the others write."""
    console = Console(empty)
    shared = {"DATABASE_URL": new_server.url}
    run = console.manage("up", **shared)
    output = run.communicate()[0]

    assert run.returncode == 1
    assert re.findall("Set ([A-Z_]+), the same on all servers", output) == [
        "SECRET_KEY",
        "ACCESS_KEY_ENCRYPTION_KEYS",
        "AUDIT_SIGNING_KEYS",
    ]
    assert output.count("\n") == 3
    assert not list(empty.iterdir())

    console.up(**shared, **KEYS)
    console.stop()
    for name in KEYS:
        run = console.manage("up", **shared, **KEYS | {name: Fernet.generate_key().decode()})
        output = run.communicate()[0]
        assert run.returncode == 1
        assert output.startswith(f"CommandError: {name} lacks a key that this database was used")


def test_a_server_for_others_says_how_to_create_the_first_operator(empty):
    console = Console(empty)
    for_others = {"HTTPS": "1", "ALLOWED_HOSTS": "127.0.0.1,console.example"}
    console.up(**for_others)
    link = console.manage("createoperator", "lin", **for_others).communicate()[0]
    _, output = console.stop()

    assert "Nobody can sign in yet. Create an operator" in output
    assert "HTTPS is 1, but TRUSTED_PROXIES is 0" in output
    assert "manage.py createoperator NAME" in output
    assert link.startswith("https://console.example/invitation/")


def test_a_data_folder_of_mktemp_is_opened(empty):
    empty.chmod(0o700)
    console = Console(empty)
    console.up()

    assert console.get("/readyz")[0] == 200
    console.stop()


def test_it_starts_after_everything_was_deleted(running):
    running.manage("flush", "--noinput").communicate()
    running.stop()
    running.up()

    assert running.get("/sign-in/")[0] == 200
    assert running.count_accounts() == 66


def test_a_data_folder_or_a_port_is_used_by_one_run_only(running, empty):
    same_folder = running.manage("up", PORT=str(free_port()))
    same_port = running.manage("up", DATA_DIR=str(empty))

    assert same_folder.communicate()[0] == (
        f"CommandError: Another console is already using the data in {running.folder}. "
        "Stop it, or set DATA_DIR.\n"
    )
    assert same_port.communicate()[0] == (
        f"CommandError: Can't listen on 127.0.0.1 port {running.port}: Address already in use. "
        "Set HOST or PORT.\n"
    )
    assert (same_folder.returncode, same_port.returncode) == (1, 1)
    assert not (empty / "postgres").exists()
    assert running.get("/readyz")[0] == 200


def test_an_unreachable_database_is_reported(empty):
    unreachable = f"postgresql://console@127.0.0.1:{free_port()}/console"
    run = Console(empty).manage("up", DATABASE_URL=unreachable, **KEYS)
    output, _ = run.communicate()

    assert run.returncode == 1
    assert output.startswith("CommandError: The database isn't responding: ")
    assert output.count("\n") == 1


def test_other_commands_find_the_database(running):
    accounts = running.count_accounts()
    command = running.manage("createaccount", f"team-{accounts}")
    command.communicate()

    assert command.returncode == 0
    assert running.count_accounts() == accounts + 1


def test_other_commands_report_a_missing_database(empty):
    command = Console(empty).manage("createaccount", "team")
    output, _ = command.communicate()

    assert command.returncode == 1
    assert "`make run`" in output
    assert output.count("\n") == 1


def test_killing_the_supervisor_ends_the_web_server_but_not_the_database(running):
    database = running.named("postgres -D")
    web = running.named("console.server")
    running.run.kill()
    running.wait_for_end()
    until(lambda: not alive(web))
    assert alive(database) == database
    running.up()

    assert running.get("/readyz")[0] == 200
    running.stop()
    assert alive(database) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_killed_web_server_comes_back(running, number):
    killed = running.named("console.server")[:number]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(running.named("console.server")) - set(killed)) == 2)

    assert running.get("/sign-in/")[0] == 200  # waits for the new process


def test_a_killed_database_is_restarted(running):
    os.kill(running.named("postgres -D")[0], signal.SIGKILL)
    until(lambda: running.get("/readyz")[0] == 503)
    until(lambda: running.get("/readyz")[0] == 200)


def test_it_starts_after_all_its_processes_were_killed(running):
    accounts = running.count_accounts()
    for pid in reversed(running.processes()):
        with suppress(ProcessLookupError):  # a process of a single query
            os.kill(pid, signal.SIGKILL)
    running.wait_for_end()
    running.up()

    assert running.get("/readyz")[0] == 200
    assert running.count_accounts() == accounts
