"""The sizes of instance that can be had, after BCC's families: c compute, g general, m memory."""

from __future__ import annotations

from typing import NamedTuple


class Spec(NamedTuple):
    name: str
    cpu_count: int
    memory_gb: int


SPECS = {
    spec.name: spec
    for spec in (
        Spec("bcc.g5.c1m4", 1, 4),
        Spec("bcc.g5.c2m8", 2, 8),
        Spec("bcc.g5.c4m16", 4, 16),
        Spec("bcc.c5.c2m4", 2, 4),
        Spec("bcc.c5.c4m8", 4, 8),
        Spec("bcc.m5.c2m16", 2, 16),
        Spec("bcc.m5.c4m32", 4, 32),
    )
}
