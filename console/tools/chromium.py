"""Find the browser that the tests drive.

`python3 console/tools/chromium.py` prints its path. It needs no dependencies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

DEBIAN = "/usr/bin/chromium"
NO_BROWSER = (
    "The browser tests were skipped: no Chromium found. Install Debian's chromium or npm's"
    " @sparticuz/chromium, or set CHROMIUM."
)
FLAGS = [
    "--no-sandbox",  # root can't use it
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# @sparticuz/chromium unpacks Chromium. In AWS Lambda it also unpacks the libraries it needs.
UNPACK = """
const chromium = require("@sparticuz/chromium");
(chromium.default ?? chromium).executablePath().then((path) =>
  console.log(JSON.stringify([path, process.env.LD_LIBRARY_PATH])));
"""
LAMBDA = {"AWS_LAMBDA_JS_RUNTIME": "nodejs20.x"}


def find_browser() -> dict[str, Any] | None:
    """Return Playwright's launch options for Chromium, or None if it isn't installed.

    The order is the path in CHROMIUM, Debian's chromium, then the npm package.
    """
    path = os.environ.get("CHROMIUM")
    if path and not os.access(path, os.X_OK):
        sys.exit(f"CHROMIUM is not an executable file: {path}")
    if path or os.access(DEBIAN, os.X_OK):
        return {"executable_path": path or DEBIAN, "args": FLAGS}
    return find_in_npm()


def find_in_npm() -> dict[str, Any] | None:
    """Return the launch options for the npm package in ./node_modules or installed globally."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        return None
    environment = os.environ | LAMBDA | {"NODE_PATH": read_output([npm, "root", "--global"])}
    if not (output := read_output([node, "--eval", UNPACK], env=environment)):
        return None
    path, libraries = json.loads(output)
    environment = os.environ | {"LD_LIBRARY_PATH": libraries}
    return {"executable_path": path, "args": FLAGS, "env": environment}


def read_output(command: list[str], **options: Any) -> str:
    """Return the output of a command, or an empty string if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return "" if result.returncode else result.stdout.strip()


if __name__ == "__main__":
    options = find_browser() or sys.exit(NO_BROWSER)
    sys.stdout.write(f"{options['executable_path']}\n")
