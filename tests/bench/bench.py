"""A console with a database of its own, seeded, and people who are signed in."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from copy import copy
from types import MappingProxyType

import psutil
import psycopg
import requests

from console import postgres
from tests.console.processes import KEYS, new_folder
from tests.dom import find_all
from tests.factories import PASSWORD
from tests.servers import AT_ONCE, Server

from .cost import get_cpu_seconds
from .rival import PYTHON, Moto
from .seeding import KINDS, seed

# The server knows its keys, so that it doesn't try to decrypt the secrets of seeded ones
MAKE_OPERATOR = """
from django.contrib.auth.hashers import make_password
from accounts import fingerprints
from accounts.models import User
fingerprints.agree()
User.objects.create(
    username="operator", is_staff=True, is_superuser=True, password=make_password({password!r})
)
"""


NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# What the console's script asks for: a dialog, or a part of it, instead of a page
HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


class Browser:
    """A person's browser, signed in. Its pages must not fail."""

    def __init__(self, url: str, username: str):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = "gzip"
        self.fields = self.read_form("/sign-in/")
        self.post("/sign-in/", {"username": username, "password": PASSWORD})
        self.fields = self.read_form("/bj/profile/" if username in KINDS else "/admin/")

    def read_form(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the page's forms."""
        page = self.get(path)
        fields = [dict(field.attributes) for field in find_all(page, "input", type="hidden")]
        return {field["name"]: field["value"] for field in fields}

    def get(self, path: str, headers: Mapping[str, str] = NO_HEADERS) -> requests.Response:
        return self.check(self.session.get(self.url + path, timeout=60, headers=headers))

    def post(
        self, path: str, data: dict[str, str], headers: Mapping[str, str] = NO_HEADERS
    ) -> requests.Response:
        names = ("csrfmiddlewaretoken", "drawn_for")
        hidden = {name: self.fields[name] for name in names if name in self.fields}
        headers = {"Referer": self.url + path, **headers}
        return self.check(self.session.post(self.url + path, hidden | data, headers=headers))

    def copy(self) -> Browser:
        """Return the same person with a connection of its own."""
        other = copy(self)
        other.session = requests.Session()
        other.session.headers.update(self.session.headers)
        other.session.cookies.update(self.session.cookies)
        return other

    def check(self, response: requests.Response) -> requests.Response:
        assert response.status_code in {200, 204}, (
            response.url,
            response.status_code,
            response.text,
        )
        return response


class Bench:
    """The console. `images` is how many it has."""

    def __init__(self, images: int):
        self.size = images

    def __enter__(self):
        with ExitStack() as stack:
            self.start(stack)
            self.stack = stack.pop_all()
        return self

    def start(self, stack: ExitStack) -> None:
        disk, folder = new_folder(), new_folder()
        stack.callback(shutil.rmtree, disk)
        stack.callback(shutil.rmtree, folder)
        self.postgres = postgres.Embedded(disk)
        stack.callback(self.postgres.stop)
        self.postgres.start()
        self.server = Server(
            folder,
            DATABASE_URL=self.postgres.url.replace(postgres.OWNER, postgres.APPLICATION, 1),
            MIGRATION_DATABASE_URL=self.postgres.url,
            **KEYS,
            DJANGO_SETTINGS_MODULE="tests.bench.settings",
            WEB_WORKERS="1",
            LOG_FORMAT="json",
            **AT_ONCE,
        )
        stack.callback(self.server.stop)
        self.server.manage("migrate")
        self.tenants = dict(zip(KINDS, self.server.make_accounts(list(KINDS)), strict=True))
        self.server.manage("shell", "-v", "0", "-c", MAKE_OPERATOR.format(password=PASSWORD))
        seed(self.postgres.url, self.size)
        self.server.manage("shell", "-v", "0", "-c", "from images import usage; usage.look()")
        self.server.up()
        self.moto = stack.enter_context(Moto()) if PYTHON else None
        self.connection = psycopg.connect(self.postgres.url, autocommit=True)
        stack.callback(self.connection.close)
        self.pause_housekeeping()
        self.images = self.find_images()
        self.free = self.find_free()
        names = (*KINDS, "operator")
        self.browsers = {name: Browser(self.server.url, name) for name in names}

    def __exit__(self, *_):
        self.stack.close()

    def pause_housekeeping(self):
        """Stop what the console does beside requests, such as sealing the seeded trail."""
        for process in psutil.Process(self.server.run.pid).children(recursive=True):
            if "housekeep" in process.cmdline():
                process.suspend()
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle in %'"
        )

    def get_cpu(self) -> tuple[float, float]:
        """Return the CPU seconds of the web server (or moto) and of the database so far."""
        servers = [self.server.run, self.moto.process] if self.moto else [self.server.run]
        web = sum(get_cpu_seconds(server.pid) for server in servers)
        return web, get_cpu_seconds(self.postgres._child.pid)

    def find_images(self) -> list[str]:
        """Return images of "busy": the first keeps its 50 recipients, the others are shared."""
        query = """
            SELECT image_id FROM images_image JOIN accounts_account AS a ON a.id = owner_id
            WHERE a.name = 'busy' AND region_id = 'bj' ORDER BY image_id LIMIT 10
        """
        return [image for (image,) in self.execute(query)]

    def find_free(self) -> list[int]:
        """Return the numbers of accounts that nobody shares anything with."""
        query = """
            SELECT substr(name, 9)::int FROM accounts_account AS account
            WHERE name LIKE 'account-%%' AND NOT EXISTS (
                SELECT FROM images_sharegrant WHERE recipient_id = account.id
            ) ORDER BY id DESC LIMIT 50
        """
        return [number for (number,) in self.execute(query)]

    def find_unused(self) -> list[str]:
        """Return the indexes that only cost: nothing was found by them, and they forbid nothing."""
        query = """
            SELECT DISTINCT coalesce(inhparent, indexrelid)::regclass::text
            FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
            LEFT JOIN pg_inherits ON inhrelid = indexrelid WHERE NOT indisunique
            GROUP BY 1 HAVING sum(idx_scan) = 0 ORDER BY 1
        """
        return [name for (name,) in self.execute(query)]

    def unshare_all(self, images: list[str]) -> None:
        self.execute(
            "DELETE FROM images_sharegrant USING images_image WHERE images_image.id = "
            "images_sharegrant.image_id AND images_image.image_id = ANY (%s) RETURNING 1",
            [images],
        )

    def execute(self, query: str, values=()) -> list[tuple]:
        return self.connection.execute(query, values or None).fetchall()
