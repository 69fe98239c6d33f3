"""Tests mirror the code: each module has a test file of its name, and the reverse."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
MOST_LINES = 450

# Files that test no single module, and why
CROSS_CUTTING = {
    "console/api/test_query_counts.py": "counts the statements of every call",
    "console/api/test_spellings.py": "sends what each official SDK sends, through all modules",
    "console/api/test_spellings_instances.py": "the same, for instances",
    "images/test_plans.py": "reads the plans of the queries of every page and call",
    "images/admin/test_plans.py": "reads the plans of the queries of every list",
    "images/test_query_counts.py": "counts the statements of every page",
}
# Modules without a test file, and why. A pattern that starts with */ matches in every folder.
UNTESTED = {
    "*/__init__.py": "a package, without code or tested by the name of the folder",
    "*/apps.py": "registers an app; a mistake stops every test",
    "*/converters.py": "patterns of URLs, covered by the tests of views",
    "*/formats.py": "settings of a language",
    "*/migrations/*.py": "run before every test",
    "*/urls.py": "names of URLs, covered by the tests of views",
    "console/tools/pictures.py": "run by hand",
}
# Files that may be longer, and why
LONG = {"sdk/test_errors.py": "the SDK's tests are a contract and stay as they are"}

APPS = ("accounts", "console", "images")
FILES = sorted(
    file.relative_to(TESTS).as_posix() for app in APPS for file in (TESTS / app).rglob("test_*.py")
)
MODULES = sorted(
    file.relative_to(PROJECT).as_posix() for app in APPS for file in (PROJECT / app).rglob("*.py")
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


def is_exempt(module: str) -> bool:
    return any(PurePosixPath(module).match(pattern) for pattern in UNTESTED)


@pytest.mark.parametrize("module", [module for module in MODULES if not is_exempt(module)])
def test_a_module_has_a_test_file_of_its_name(module):
    folder, _, name = module.rpartition("/")
    prefix = f"{folder}/test_{name.removesuffix('.py')}"
    files = [file for file in FILES if file == f"{prefix}.py" or file.startswith(f"{prefix}_")]

    assert files, f"Add tests/{prefix}.py, or {module} with a reason to UNTESTED."


def test_exceptions_are_files_that_exist():
    assert not [file for file in (*CROSS_CUTTING, *LONG) if not (TESTS / file).is_file()]
    assert not [
        pattern
        for pattern in UNTESTED
        if not any(PurePosixPath(module).match(pattern) for module in MODULES)
    ]


def test_no_test_file_is_long():
    lines = {
        file.relative_to(TESTS).as_posix(): len(file.read_text().splitlines())
        for file in TESTS.rglob("*.py")
    }

    assert {file for file, count in lines.items() if count > MOST_LINES} == set(LONG)
