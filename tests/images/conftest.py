from __future__ import annotations

import pytest


@pytest.fixture(params=["htmx", "plain"])
def headers(request, htmx):
    """The headers of a browser with JavaScript, then of one without."""
    return htmx if request.param == "htmx" else {}
