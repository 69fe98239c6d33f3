"""The search for a browser. It runs before the dependencies are installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from console.tools import chromium


@pytest.fixture
def program(tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_the_browser_in_the_environment_is_used(monkeypatch, program):
    monkeypatch.setenv("CHROMIUM", str(program))

    assert chromium.find_browser() == {"executable_path": str(program), "args": chromium.FLAGS}


def test_a_file_that_is_not_executable_is_refused(monkeypatch, program):
    program.chmod(0o644)
    monkeypatch.setenv("CHROMIUM", str(program))

    with pytest.raises(SystemExit, match=f"CHROMIUM is not an executable file: {program}"):
        chromium.find_browser()


def test_without_debian_and_npm_there_is_no_browser(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "DEBIAN", str(tmp_path / "missing"))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert chromium.find_browser() is None


def test_the_browser_of_npm_runs_with_its_libraries(monkeypatch, tmp_path):
    for name, output in (("npm", "/modules"), ("node", '["/npm/chromium", "/npm/lib"]')):
        command = tmp_path / name
        command.write_text(f"#!/bin/sh\necho '{output}'\n")
        command.chmod(0o755)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "DEBIAN", str(tmp_path / "missing"))
    monkeypatch.setenv("PATH", str(tmp_path))

    options = chromium.find_browser()

    assert options
    assert options["executable_path"] == "/npm/chromium"
    assert options["env"]["LD_LIBRARY_PATH"] == "/npm/lib"


def test_a_failing_command_has_no_output():
    assert chromium.read_output([sys.executable, "-c", "print('text')"]) == "text"
    assert chromium.read_output([sys.executable, "-c", "print('text'); exit(1)"]) == ""


def test_the_script_prints_the_path_without_dependencies(program):
    without_packages = [sys.executable, "-I", "-S", chromium.__file__]

    output = subprocess.check_output(without_packages, env={"CHROMIUM": str(program)}, text=True)

    assert output == f"{program}\n"
