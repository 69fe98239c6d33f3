"""Numbers in attributes: keys, limits and addresses have no separators, on any page."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from console import postgres

from ..dom import parse, walk
from .test_urls import send
from .url_table import read_table
from .visitors import World

SEPARATED = re.compile(r"\d,\d{3}")
# Attributes with text for people
TEXTS = {"title", "aria-label", "aria-description", "data-label", "placeholder"}
SEQUENCES = """
    SELECT setval(pg_get_serial_sequence(quote_ident(table_name), column_name), 12345)
    FROM information_schema.columns
    WHERE table_schema = 'public' AND identity_generation IS NOT NULL
"""


@pytest.fixture
def world(db):
    """Return a world whose keys have five digits."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(SEQUENCES)
        assert len(cursor.fetchall()) > 10
        cursor.execute(f"SET LOCAL ROLE {postgres.APPLICATION}")
    return World()


def list_separated(response):
    return {
        f"{element.name} {name}={value}"
        for element in walk(parse(response))
        for name, value in element.attributes
        if name not in TEXTS and SEPARATED.search(value or "")
    }


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
@pytest.mark.parametrize("visitor", ["admin", "operator"])
def test_no_number_in_an_attribute_has_separators(world, visitor, headers):
    browser = world.browser(visitor)
    assert world.image.pk > 12345

    found = {}
    for route in read_table():
        response = send(browser, "GET", world.fill(route), headers=headers)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            found[route] = list_separated(response)

    assert len(found) > 30
    assert {route: each for route, each in found.items() if each} == {}
