"""What requests cost: CPU seconds from the kernel's accounting, which noise disturbs little."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil


def get_cpu_seconds(pid: int) -> float:
    """Return what the process and its descendants have used so far, with those that ended.

    The clock of another process is one that time.clock_gettime reads: clock_getcpuclockid(3).
    """
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    ended = process.cpu_times()
    seconds: float = ended.children_user + ended.children_system
    for each in [pid, *(child.pid for child in children)]:
        with suppress(OSError):  # it ended just now
            seconds += time.clock_gettime(~each << 3 | 2)
    return seconds
