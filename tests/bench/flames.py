"""Where the time of the Image List and of a share goes, as flame graphs: `make flames`.

PY_SPY is the command of py-spy, which isn't one of the requirements.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import psutil

from .bench import Bench

PY_SPY = os.environ.get("PY_SPY", "py-spy")
SECONDS = 12
IMAGES = 1000
# In front of the names of modules: no machine's folders are shown
FOLDERS = re.compile(r"/[^\s()\"<>]*/(site-packages|python3\.\d+)/")
COMMAND = re.compile(r">[^<]*py-spy record[^<]*<")
# A frame of few samples, which would be too narrow to see, and its text
NARROW = re.compile(r"<g><title>[^<]*\([\d,]+ samples, 0\.[0-2]\d%\)</title>.*?</g>", re.DOTALL)


def main(folder: Path, project: Path) -> None:
    with Bench(IMAGES) as bench:
        browser, client = bench.browsers["busy"], bench.server.client(bench.tenants["busy"])
        image, account = bench.images[1], f"account-{bench.free[0]}"
        calls = cycle([client.unshare_image, client.share_image])
        bench.unshare_all([image])
        client.share_image(image, account=account)
        works = {
            "image-list": lambda: browser.get("/bj/images/"),
            "share": lambda: next(calls)(image, account=account),
        }
        for name, do in works.items():
            file = folder / f"{name}.svg"
            record(find_worker(bench, do), do, file)
            text = COMMAND.sub(f">{name}<", NARROW.sub("", file.read_text()))
            text = FOLDERS.sub("", text)
            file.write_text(text.replace(f"{project}/", ""))


def find_worker(bench: Bench, do: Callable[[], object]) -> int:
    """Return the process that does the work: the one that needs the most time for it."""
    processes = psutil.Process(bench.server.run.pid).children(recursive=True)
    before = {process.pid: sum(process.cpu_times()[:2]) for process in processes}
    for _ in range(50):
        do()
    after = {each.pid: sum(each.cpu_times()[:2]) for each in processes}
    needed: dict[int, float] = {pid: after[pid] - before[pid] for pid in before}
    return max(needed, key=lambda pid: needed[pid])


def record(pid: int, do: Callable[[], object], file: Path) -> None:
    options = ["--function", "--rate", "400", "--duration", str(SECONDS), "--output", str(file)]
    command = [PY_SPY, "record", "--pid", str(pid), "--format", "flamegraph", *options]
    spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while spy.poll() is None:
        do()
    assert spy.returncode == 0, "py-spy failed"
