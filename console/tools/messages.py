"""`make messages`: find every text of the console, and keep its translation up to date.

The texts are what gettext's functions are given: in Python, and in what Django makes of a template.
Babel is installed for development only, so nothing that runs in production imports this module.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

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
KEYWORDS = DEFAULT_KEYWORDS | LAZY_KEYWORDS | {"gettext_noop": None}


class Translation(Catalog):
    """Texts with their translation; the header is the file's, without dates and tools."""

    mime_headers: list[tuple[str, str]] = []


def texts() -> Catalog:
    """What there is to translate, file by file."""
    found = Catalog()
    files = (file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.*"))
    for file in sorted(files):
        if file.suffix in {".py", ".html"}:
            name = file.relative_to(PROJECT).as_posix()
            for line, text, _comments, context in extract("python", python(file), KEYWORDS):
                found.add(text, locations=[(name, line)], context=context)
    return found


def python(file: Path) -> io.BytesIO:
    """The file, or what Django makes of a template: Python but for the indentation."""
    code = file.read_text()
    if file.suffix == ".html":
        code = re.sub(r"^\s+", "", templatize(code), flags=re.MULTILINE)
    return io.BytesIO(code.encode())


def translation() -> Translation:
    catalog = Translation(locale=LOCALE)
    with PO.open("rb") as lines:
        PoFileParser(catalog, abort_invalid=True).parse(lines)
    return catalog


def as_po(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=0, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update() -> None:
    catalog = translation()
    catalog.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
    PO.write_bytes(as_po(catalog))
    MO.write_bytes(as_mo(translation()))


if __name__ == "__main__":
    update()
