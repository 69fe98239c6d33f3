"""The sizes of instance that can be had, after BCC's families: c compute, g general, m memory."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused

# As in bcc.g5.c2m8: 2 cores and 8 GB
NAME = re.compile(
    r"[a-z]{2,4}\.[a-z0-9]{1,5}\.c(?P<cpu>[1-9][0-9]{0,2})m(?P<memory>[1-9][0-9]{0,3})"
)


class NoSuchSpec(Refused):
    code = "no-such-spec"
    sentence = _("There is no such spec. A spec is called as in bcc.g5.c2m8.")


class Spec(NamedTuple):
    name: str
    cpu_count: int
    memory_gb: int


def named(name: str) -> Spec:
    """The spec of any of BCC's families. Raises NoSuchSpec."""
    parts = NAME.fullmatch(name)
    if parts is None:
        raise NoSuchSpec
    return Spec(name, int(parts["cpu"]), int(parts["memory"]))


def sized(cpu_count: int, memory_gb: int) -> Spec:
    """The general spec of this size. Raises NoSuchSpec."""
    return named(f"bcc.g5.c{cpu_count}m{memory_gb}")


# What the console offers
SPECS = {
    name: named(name)
    for name in (
        "bcc.g5.c1m4",
        "bcc.g5.c2m8",
        "bcc.g5.c4m16",
        "bcc.c5.c2m4",
        "bcc.c5.c4m8",
        "bcc.m5.c2m16",
        "bcc.m5.c4m32",
    )
}
