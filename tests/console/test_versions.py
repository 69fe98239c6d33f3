from __future__ import annotations

import re

from console.versions import get_version


def test_the_version_is_that_of_the_project():
    assert re.fullmatch(r"\d+\.\d+\.\d+( \([0-9a-f]{7,}\))?", get_version())
