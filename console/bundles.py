"""The storage of static files: one file of CSS for each site and one of JavaScript.

The browser gets each in one request. Importing a style sheet from another costs a round trip. In
development there is no bundle: the source is served file by file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The console, and the administration
STYLES = ["css/console.css", "css/admin.css"]
SCRIPT = "js/console.js"
# In this order. They share one scope, and the last one needs what the others do on an event.
SCRIPTS = [f"js/{name}.js" for name in ("page", "dialog", "errors", "lists", "share", "drafts")]

IMPORT = re.compile(r'@import url\("([\w/-]+\.css)"\)(?: layer\((\w+)\))?;')


def get_scripts() -> list[str]:
    """Return the names of the scripts that a page loads."""
    return SCRIPTS if settings.DEBUG else [SCRIPT]


def inline_imports(css: str, folder: Path) -> str:
    """Return the style sheet with the files that it imports, each in its layer if it has one."""

    def inline(match: re.Match[str]) -> str:
        text = (folder / match[1]).read_text()
        return f"@layer {match[2]} {{\n{text}}}" if match[2] else text

    return IMPORT.sub(inline, css)


class BundledStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage: a hash in each name, and a compressed copy."""

    def post_process(
        self, paths: dict[str, Any], **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not options.get("dry_run"):
            for name in STYLES:
                style = Path(self.path(name))
                self.write(name, inline_imports(style.read_text(), style.parent))
            self.write(SCRIPT, "\n".join(Path(self.path(name)).read_text() for name in SCRIPTS))
            paths = paths | {name: (self, name) for name in (*STYLES, SCRIPT)}
        yield from super().post_process(paths, **options)

    def write(self, name: str, text: str) -> None:
        self.delete(name)
        self.save(name, ContentFile(text.encode()))
