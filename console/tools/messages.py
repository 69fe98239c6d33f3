"""Update and compile the translations (`make messages`).

The texts are the arguments of gettext's functions in Python files and templates. Babel is a
development dependency, so production code must not import this module.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
LOCALE = "zh_Hans"
PO = PROJECT / "console" / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
FOLDERS = ("accounts", "console", "images", "templates")
FUNCTIONS = ("gettext", "ngettext", "pgettext", "npgettext")
LAZY_KEYWORDS = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in FUNCTIONS}
JINJA = {"newstyle_gettext": "true", "silent": "false"}
KEYWORDS = DEFAULT_KEYWORDS | LAZY_KEYWORDS | {"gettext_noop": None}


class Translation(Catalog):
    """A catalog that keeps the header of its file: no dates, no tool names."""

    mime_headers: list[tuple[str, str]] = []


def collect_texts() -> Catalog:
    """Return every text to translate, in the order of the files."""
    catalog = Catalog()
    files = (file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.*"))
    for file in sorted(files):
        if file.suffix in {".py", ".html"}:
            name = file.relative_to(PROJECT).as_posix()
            for line, text, _comments, context in extract_texts(file):
                catalog.add(text, locations=[(name, line)], context=context)
    return catalog


def extract_texts(file: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """Return the texts of a file, with their lines and contexts, as Babel does."""
    if file.suffix == ".html" and "admin" not in file.parts:
        code = io.BytesIO(file.read_bytes())
        return extract("jinja2.ext:babel_extract", code, KEYWORDS, options=JINJA)
    return extract("python", read_as_python(file), KEYWORDS)


def read_as_python(file: Path) -> io.BytesIO:
    """Return the file as Python source. Django converts a template, without valid indentation."""
    code = file.read_text()
    if file.suffix == ".html":
        code = re.sub(r"^\s+", "", templatize(code), flags=re.MULTILINE)
    return io.BytesIO(code.encode())


def read_translation() -> Translation:
    """Return the catalog in django.po. Raises an error if it is malformed."""
    catalog = Translation(locale=LOCALE)
    with PO.open("rb") as lines:
        PoFileParser(catalog, abort_invalid=True).parse(lines)
    return catalog


def format_po(catalog: Catalog) -> bytes:
    """Return the catalog as the content of a .po file."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def format_mo(catalog: Catalog) -> bytes:
    """Return the catalog as the content of a .mo file."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update() -> None:
    """Add new texts to django.po, remove unused ones and write django.mo."""
    catalog = read_translation()
    catalog.update(collect_texts(), no_fuzzy_matching=True, update_creation_date=False)
    PO.write_bytes(format_po(catalog))
    MO.write_bytes(format_mo(read_translation()))


if __name__ == "__main__":
    update()
