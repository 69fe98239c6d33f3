"""A helper that signs in through the sign-in page."""

from __future__ import annotations

from ..factories import PASSWORD


def sign_in(client, username="mei", password=PASSWORD, **extra):
    return client.post("/sign-in/", {"username": username, "password": password}, **extra)
