"""Instance types, named after BCC's families: c compute, g general, m memory."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refused

# For example bcc.g5.c2m8: 2 cores and 8 GB
NAME = re.compile(
    r"[a-z]{2,4}\.[a-z0-9]{1,5}\.c(?P<cpu>[1-9][0-9]{0,2})m(?P<memory>[1-9][0-9]{0,3})"
)


class NoSuchSpec(Refused):
    code = "no-such-spec"
    sentence = _("Instance type not found. Use a name such as bcc.g5.c2m8.")


class Spec(NamedTuple):
    name: str
    cpu_count: int
    memory_gb: int


def parse_spec(name: str) -> Spec:
    """Return the instance type with this name, of any BCC family. Raises NoSuchSpec."""
    parts = NAME.fullmatch(name)
    if parts is None:
        raise NoSuchSpec
    return Spec(name, int(parts["cpu"]), int(parts["memory"]))


def get_general_spec(cpu_count: int, memory_gb: int) -> Spec:
    """Return the general-purpose instance type of this size. Raises NoSuchSpec."""
    return parse_spec(f"bcc.g5.c{cpu_count}m{memory_gb}")


# The instance types that the console offers
SPECS = {
    name: parse_spec(name)
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
