"""Questions of management commands."""

from __future__ import annotations

from django.core.management.base import CommandError


def require_yes(question: str, *, is_given: bool) -> None:
    """Ask, unless the answer was given with --yes. Raises CommandError for any other answer."""
    if is_given:
        return
    try:
        answer = input(f"{question} Type yes: ")
    except EOFError:
        raise CommandError("There is no terminal to ask at. Add --yes.") from None
    if answer != "yes":
        raise CommandError("Nothing was changed.")
