"""The first load of the Image List: requests, size, layout shifts. `windows` checks the hosts."""

from __future__ import annotations

import pytest

# Every layout shift: its score and the rows that moved
SHIFTS = """() => {
    const observer = new PerformanceObserver(() => {});
    observer.observe({ type: "layout-shift", buffered: true });
    const row = ({ node }) => node?.parentElement?.textContent.replace(/\\s+/g, " ").slice(0, 200);
    return observer.takeRecords().map((shift) => [shift.value, ...shift.sources.map(row)]);
}"""


@pytest.fixture
def page(windows, showroom):
    """Return a signed-in window with an empty cache."""
    account, _ = showroom
    return windows.open(account, "about:blank")


def test_bytes(page):
    sizes: list[float] = []

    def note(event):
        sizes.append(event["encodedDataLength"])

    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", note)
    page.goto("/bj/images/", wait_until="networkidle")

    assert len(sizes) > 3
    assert sum(sizes) <= 100_000


def test_requests(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/bj/images/", wait_until="networkidle")

    assert 4 <= len(requests) <= 8, requests
    assert len([url for url in requests if url.endswith(".css")]) == 1
    assert len([url for url in requests if url.endswith(".js")]) == 2  # htmx and ours


def test_the_page_is_compressed(page):
    response = page.goto("/bj/images/")

    assert response is not None
    assert response.header_value("content-encoding") == "gzip"


def test_nothing_moves(page):
    page.goto("/bj/images/", wait_until="networkidle")

    assert page.evaluate(SHIFTS) == []
