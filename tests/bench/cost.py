"""What requests cost: CPU seconds from the kernel's accounting, which noise disturbs little."""

from __future__ import annotations

import time
from collections.abc import Iterable

import psutil


def get_cpu_seconds(pids: Iterable[int]) -> float:
    """Return what these processes have used so far, all their threads and the ended ones too.

    The clock of another process is one that time.clock_gettime reads: clock_getcpuclockid(3).
    """
    return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)


def list_processes(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]
