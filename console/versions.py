"""The version of the console that runs."""

from __future__ import annotations

import subprocess
import tomllib

from django.conf import settings


def get_version() -> str:
    """Return the version, and the commit if this is a clone."""
    project = settings.BASE_DIR / "pyproject.toml"
    version: str = tomllib.loads(project.read_text())["project"]["version"]
    commit = read_commit()
    return f"{version} ({commit})" if commit else version


def read_commit() -> str:
    command = ["git", "-C", str(settings.BASE_DIR), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True).strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
