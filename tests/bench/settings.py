"""The console's settings, with two more pages: what the web server and Django cost at least."""

from console.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.floors"

# All clients are one person at one address
REQUESTS_PER_ADDRESS = REQUESTS_PER_PERSON = (1_000_000, 60)
CHANGES_PER_ACCOUNT = (1_000_000, 24 * 60 * 60)
