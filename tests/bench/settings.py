"""The console's settings, with two more pages: what the web server and Django cost at least."""

from console.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.floors"
