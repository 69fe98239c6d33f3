"""How Django connects: what a URL becomes."""

from __future__ import annotations

import pytest

from console import database


def test_url_with_several_hosts():
    url = "postgresql://u:p%40ss@n1:5433,n2,n3/db?target_session_attrs=read-write&sslmode=require"
    settings = database.settings_for(url)

    assert [settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "db",
        "u",
        "p@ss",
        "n1,n2,n3",
        "5433,,",
    ]
    assert settings["OPTIONS"]["target_session_attrs"] == "read-write"
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_timeouts_are_startup_options_unless_the_url_has_its_own():
    plain = database.settings_for("postgresql:///db")["OPTIONS"]
    pgbouncer = database.settings_for("postgresql:///db?options=&connect_timeout=9")["OPTIONS"]

    assert "statement_timeout=10s" in plain["options"]
    assert (pgbouncer["options"], pgbouncer["connect_timeout"]) == ("", "9")


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "hidden"])
def test_bad_url_is_told_without_the_password(url):
    with pytest.raises(ValueError, match="DATABASE_URL is not a PostgreSQL URL") as told:
        database.settings_for(url)

    assert "hidden" not in str(told.value)
    assert told.value.__suppress_context__
