"""`manage.py up` as people run it: started, stopped, killed, and started again."""

from __future__ import annotations

import os
import signal
import stat
from contextlib import suppress

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from ...processes import Console, alive, free_port, until

pytestmark = pytest.mark.xdist_group("up")


def test_first_run_makes_all_that_it_needs(empty):
    console = Console(empty)
    console.up()
    pids = console.processes()

    assert console.get("/readyz") == (200, "ready\n")
    assert console.get("/sign-in/")[0] == 200
    for key in ("secret_key", "access_key_encryption_key"):
        assert stat.S_IMODE((empty / key).stat().st_mode) == 0o600
    status, said = console.stop()
    assert status == 0
    assert f"http://127.0.0.1:{console.port}/" in said
    assert f"platform   {settings.DEMO_PASSWORD}" in said
    assert "Traceback" not in said
    assert alive(pids) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_however_it_is_asked_to(running, number):
    pids = running.processes()
    status, said = running.stop(number)

    assert status == 0
    assert "Traceback" not in said
    assert alive(pids) == []


def test_second_run_finds_its_data_and_its_key(running):
    keys = ("secret_key", "access_key_encryption_key")
    kept = [(running.folder / key).read_text() for key in keys]
    accounts = running.accounts()
    running.stop()
    running.up()

    assert running.accounts() == accounts > 0
    assert [(running.folder / key).read_text() for key in keys] == kept


def test_start_is_refused_without_the_key_of_the_access_keys(running):
    running.manage("createaccount", f"keyed-{running.accounts()}").communicate()
    running.stop()
    file = running.folder / "access_key_encryption_key"
    kept = file.read_text()
    malformed = running.manage("up", ACCESS_KEY_ENCRYPTION_KEYS="swordfish").communicate()[0]
    other = running.manage("up", ACCESS_KEY_ENCRYPTION_KEYS=Fernet.generate_key().decode())
    wrong = other.communicate()[0]
    file.unlink()
    missing = running.manage("up").communicate()[0]
    was_made = file.exists()
    file.write_text(kept)
    running.up()

    assert "Key number 1 in ACCESS_KEY_ENCRYPTION_KEYS is not a Fernet key" in malformed
    assert "swordfish" not in malformed
    for said in (wrong, missing):
        assert said.startswith("CommandError: ACCESS_KEY_ENCRYPTION_KEYS does not open the secrets")
        assert said.count("\n") == 1
    assert not was_made
    assert running.get("/readyz")[0] == 200


def test_runs_once_for_a_data_folder_and_for_a_port(running, empty):
    same_folder = running.manage("up", PORT=str(free_port()))
    same_port = running.manage("up", DATA_DIR=str(empty))

    assert same_folder.communicate()[0] == (
        f"CommandError: The console already runs with the data in {running.folder}.\n"
    )
    assert same_port.communicate()[0] == (
        f"CommandError: 127.0.0.1, port {running.port}, cannot be listened to: "
        "Address already in use.\n"
    )
    assert (same_folder.returncode, same_port.returncode) == (1, 1)
    assert not (empty / "postgres").exists()
    assert running.get("/readyz")[0] == 200


def test_database_url_that_nobody_answers_is_told(empty):
    nowhere = f"postgresql://console@127.0.0.1:{free_port()}/console"
    run = Console(empty).manage("up", DATABASE_URL=nowhere)
    said, _ = run.communicate()

    assert run.returncode == 1
    assert said.startswith("CommandError: The database does not answer: ")
    assert said.count("\n") == 1


def test_other_commands_find_the_database(running):
    accounts = running.accounts()
    command = running.manage("createaccount", f"team-{accounts}")
    command.communicate()

    assert command.returncode == 0
    assert running.accounts() == accounts + 1


def test_other_commands_say_when_there_is_no_database(empty):
    command = Console(empty).manage("createaccount", "team")
    said, _ = command.communicate()

    assert command.returncode == 1
    assert "`make run`" in said
    assert said.count("\n") == 1


def test_killed_supervisor_takes_the_web_server_with_it_and_leaves_the_database(running):
    database = running.named("postgres -D")
    web = running.named("granian")
    running.run.kill()
    running.ends()
    until(lambda: not alive(web))
    assert alive(database) == database
    running.up()

    assert running.get("/readyz")[0] == 200
    running.stop()
    assert alive(database) == []


def test_killed_web_server_ends_everything(running):
    pids = running.processes()
    os.kill(running.named("granian")[0], signal.SIGKILL)
    status, said = running.ends()
    until(lambda: not alive(pids))

    assert status == 1
    assert said.endswith("CommandError: The web server has ended, with status -9.\n")


def test_killed_worker_is_replaced(running):
    main, *workers = running.named("granian")
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: len(set(running.named("granian")) - {main, *workers}) == 1)
    until(running.answers)  # the other worker may itself have been about to start


def test_killed_database_comes_back_under_the_running_console(running):
    os.kill(running.named("postgres -D")[0], signal.SIGKILL)
    until(lambda: running.get("/readyz")[0] == 503)
    until(lambda: running.get("/readyz")[0] == 200)


def test_everything_killed_at_once(running):
    accounts = running.accounts()
    for pid in reversed(running.processes()):
        with suppress(ProcessLookupError):  # a process of a single query
            os.kill(pid, signal.SIGKILL)
    running.ends()
    running.up()

    assert running.get("/readyz")[0] == 200
    assert running.accounts() == accounts
