"""Which browser the tests drive; `python3 console/tools/chromium.py` says it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

DEBIAN = "/usr/bin/chromium"
NO_BROWSER = (
    "The pages were not tested in a browser, because there is none here: install Debian's"
    " chromium or npm's @sparticuz/chromium, or name one in CHROMIUM."
)
FLAGS = [
    "--no-sandbox",  # which root could not have
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The package holds Chromium, packed, and unpacks itself; for a machine that it knows to be bare,
# with the libraries that Chromium needs.
UNPACK = """
const chromium = require("@sparticuz/chromium");
(chromium.default ?? chromium).executablePath().then((path) =>
  console.log(JSON.stringify([path, process.env.LD_LIBRARY_PATH])));
"""
BARE = {"AWS_LAMBDA_JS_RUNTIME": "nodejs20.x"}


def find() -> dict[str, Any] | None:
    """Find the one in CHROMIUM, else Debian's, else one from npm: options for launching it."""
    named = os.environ.get("CHROMIUM")
    if named and not os.access(named, os.X_OK):
        sys.exit(f"CHROMIUM names {named}, which is no program.")
    if named or os.access(DEBIAN, os.X_OK):
        return {"executable_path": named or DEBIAN, "args": FLAGS}
    return from_npm()


def from_npm() -> dict[str, Any] | None:
    """Find the one in ./node_modules or among npm's global packages."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        return None
    environment = os.environ | BARE | {"NODE_PATH": answer([npm, "root", "--global"])}
    if not (said := answer([node, "--eval", UNPACK], env=environment)):
        return None
    path, libraries = json.loads(said)
    environment = os.environ | {"LD_LIBRARY_PATH": libraries}
    return {"executable_path": path, "args": FLAGS, "env": environment}


def answer(command: list[str], **options: Any) -> str:
    """What a command prints, which is nothing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return "" if done.returncode else done.stdout.strip()


if __name__ == "__main__":
    found = find() or sys.exit(NO_BROWSER)
    sys.stdout.write(f"{found['executable_path']}\n")
