"""HOST and PORT, checked before anything is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys

import pytest
from django.conf import settings

from console import address


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_no_problem():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert address.find_problem("127.0.0.1", port) is None


def test_a_taken_port_is_a_problem(taken):
    assert address.find_problem("127.0.0.1", taken) == (
        f"Can't listen on 127.0.0.1 port {taken}: Address already in use. Set HOST or PORT."
    )


def test_a_host_of_another_machine_is_a_problem():
    assert address.find_problem("192.0.2.1", 8000) == (
        "Can't listen on 192.0.2.1 port 8000: Cannot assign requested address. Set HOST or PORT."
    )


@pytest.mark.parametrize("port", ["abc", "", "0", "65536", "-1", "8000.5"])
def test_a_port_is_a_number(port):
    problem = f"PORT must be a number from 1 to 65535, not {port!r}."

    assert address.find_problem("127.0.0.1", port) == problem


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("PORT=9000\n", "9000"),
        ("HOST=::1\nexport PORT='9000' # ours\n", "9000"),
        ("#PORT=9000\nMYPORT=1\n", "8000"),
        ("PORT=\n", "8000"),
    ],
)
def test_the_file_is_read_like_the_settings(tmp_path, monkeypatch, text, port):
    file = tmp_path / ".env"
    file.write_text(text)
    monkeypatch.setattr(address, "ENV_FILE", file)
    monkeypatch.delenv("PORT", raising=False)

    assert address.read("PORT", "8000") == port


def test_the_environment_is_stronger_than_the_file(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("PORT=9000\n")
    monkeypatch.setattr(address, "ENV_FILE", file)
    monkeypatch.setenv("PORT", "9001")

    assert address.read("PORT", "8000") == "9001"


def test_make_run_installs_nothing_for_a_taken_port(tmp_path, taken):
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(settings.BASE_DIR / name, tmp_path)
    (tmp_path / "console").mkdir()
    for name in ("__init__.py", "address.py"):
        shutil.copy(settings.BASE_DIR / "console" / name, tmp_path / "console")

    result = subprocess.run(
        ["make", "run", f"PORT={taken}", f"PYTHON={sys.executable}"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode != 0
    assert result.stderr.startswith(f"Can't listen on 127.0.0.1 port {taken}: ")
    assert not (tmp_path / ".venv").exists()
