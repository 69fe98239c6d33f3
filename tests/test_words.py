"""Words that must not come back: they read as a translation (docs/contributing.md, "Words")."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
PLACES = (
    "*.md",
    ".ci/*",
    ".env.example",
    ".pre-commit-config.yaml",
    "Makefile",
    "pyproject.toml",
)
FOLDERS = ("accounts", "console", "docs", "images", "static", "templates", "tests")
SUFFIXES = {".css", ".html", ".js", ".md", ".po", ".py"}
LEFT_OUT = {
    "this file": Path(__file__),
    "the SDK's tests, a contract that stays as it is": TESTS / "sdk",
}
# What not to write, and what to write instead
WORDS = {
    r"\bstands? here\b": "appear here",
    r"\banew\b": "again",
    r"\bmade of\b": "created from",
    r"\bmade from\b": "created from",
    r"\bdearly\b": "(leave it out)",
    r"\bthereupon\b": "then",
    r"\bfor good\b": "permanently",
    r"\bin vain\b": "without success",
    r"\bgives? away\b": "expose",
    r"\bno such (account|image|instance|key)\b": "not found",
    r"\bthat is none\b": "not a valid …",
    r"\bis judged\b": "is checked",
    r"\bin your own house\b": "self-hosted",
    r"\btake (them |it )?out\b": "remove",
    r"\bone answers?\b": "you respond",
    r"\bhow much is it\b": "length required",
    r"\bsince your last look\b": "new",
    r"\bnothing is known\b": "check whether",
    r"\banswers? (it|its|the|their|what|where)\b": "return …",
    r"\bwhoever\b": "anyone who",
    r"\bnothing but\b": "only",
    r"\bbut for\b": "except for",
    r"\bmany a\b": "many",
    r"\b(colour|licence|behaviour)\w*\b": "color, license, behavior",
}
FILES = sorted(
    {
        *(file for place in PLACES for file in PROJECT.glob(place)),
        *(file for folder in FOLDERS for file in (PROJECT / folder).rglob("*")),
    }
)


def is_searched(file):
    is_left_out = any(file.is_relative_to(path) for path in LEFT_OUT.values())
    is_old_migration = file.parent.name == "migrations"
    is_text = file.suffix in SUFFIXES or file.parent in (PROJECT, PROJECT / ".ci")
    return file.is_file() and is_text and not is_left_out and not is_old_migration


SEARCHED = [file for file in FILES if is_searched(file)]


def find(pattern, files):
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            if re.search(pattern, line, re.IGNORECASE):
                yield f"{file.relative_to(PROJECT)}:{number}: {line.strip()}"


@pytest.mark.parametrize(("pattern", "better"), WORDS.items())
def test_a_word_does_not_come_back(pattern, better):
    hits = list(find(pattern, SEARCHED))

    assert not hits, "\n".join([f"Write something like {better!r}:", *hits])


def test_everything_people_read_is_searched():
    names = {file.relative_to(PROJECT).as_posix() for file in SEARCHED}

    assert {
        ".ci/run",
        ".pre-commit-config.yaml",
        "README.md",
        "console/api/errors.py",
        "docs/contributing.md",
        "static/css/forms.css",
        "static/js/page.js",
        "templates/images/share_form.html",
        "tests/test_project.py",
    } <= names


def test_a_word_is_found_with_its_place():
    assert next(find("bcc console", [PROJECT / "README.md"])) == "README.md:1: # BCC Console"
