"""Links that management commands print."""

from __future__ import annotations

from argparse import ArgumentTypeError
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandParser

LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]", "*"}


def add_url_option(parser: CommandParser) -> None:
    parser.add_argument(
        "--url",
        metavar="URL",
        type=read_url,
        help="address of the console in links (default: from the settings)",
    )


def read_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ArgumentTypeError(f"{text!r} isn't an address such as https://console.example.")
    return text


def build_link(path: str, url: str | None = None) -> str:
    """Return the path as a link to the console: at `url`, or else where the settings put it."""
    return (url or get_console_url()).rstrip("/") + path


def get_console_url() -> str:
    """Return the address of the console: the first public name of ALLOWED_HOSTS, or else HOST."""
    names = (name.lstrip(".") for name in settings.ALLOWED_HOSTS if name not in LOCAL_NAMES)
    own = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    host = next(names, own)
    return f"https://{host}" if settings.HTTPS else f"http://{host}:{settings.PORT}"
