"""Tests mirror the code: a test file has the name of the module that it tests."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
MOST_LINES = 450

# Files that test no single module, and why
CROSS_CUTTING = {
    "console/api/test_query_counts.py": "counts the statements of every call",
    "console/api/test_spellings.py": "sends what each official SDK sends, through all modules",
    "console/api/test_spellings_instances.py": "the same, for instances",
    "images/test_query_counts.py": "counts the statements of every page",
}
# Files that may be longer, and why
LONG = {"sdk/test_errors.py": "the SDK's tests are a contract and stay as they are"}

FILES = sorted(
    file.relative_to(TESTS).as_posix()
    for app in ("accounts", "console", "images")
    for file in (TESTS / app).rglob("test_*.py")
)


def modules_of(folder: str) -> set[str]:
    """Return the names of the modules and packages in a folder of the source."""
    entries = (PROJECT / folder).iterdir()
    found = {entry.stem for entry in entries if entry.suffix == ".py" or entry.is_dir()}
    return found - {"__init__", "__pycache__"}


@pytest.mark.parametrize("file", [file for file in FILES if file not in CROSS_CUTTING])
def test_a_test_file_is_named_after_a_module(file):
    folder, _, name = file.rpartition("/")
    assert (PROJECT / folder).is_dir(), f"There is no folder {folder} in the source."

    topic = name.removeprefix("test_").removesuffix(".py")
    names = [module for module in modules_of(folder) if f"{topic}_".startswith(f"{module}_")]

    assert names, f"Rename tests/{file} to test_<module>.py or test_<module>_<topic>.py."


def test_exceptions_are_files_that_exist():
    assert not [file for file in (*CROSS_CUTTING, *LONG) if not (TESTS / file).is_file()]


def test_no_test_file_is_long():
    lines = {
        file.relative_to(TESTS).as_posix(): len(file.read_text().splitlines())
        for file in TESTS.rglob("*.py")
    }

    assert {file for file, count in lines.items() if count > MOST_LINES} == set(LONG)
