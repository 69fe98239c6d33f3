"""Templates are sent without their indentation."""

from __future__ import annotations

from django.contrib.messages.storage.base import Message
from django.template.loader import get_template


def test_pages_have_no_indentation(client, db):
    lines = client.get("/sign-in/").content.decode().splitlines()

    assert lines
    assert [line for line in lines if line.startswith(" ")] == []


def test_what_is_put_into_a_template_stays_as_it_is():
    template = get_template("components/message.html")

    assert "<p>one\n    two</p>" in template.render({"message": Message(20, "one\n    two")})
