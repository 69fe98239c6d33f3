"""Django's connection settings for a database URL."""

from __future__ import annotations

import pytest

from console import database


def test_a_url_can_name_several_hosts():
    url = "postgresql://u:p%40ss@n1:5433,n2,n3/db?target_session_attrs=read-write&sslmode=require"
    settings = database.build_settings(url)

    assert [settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "db",
        "u",
        "p@ss",
        "n1,n2,n3",
        "5433,,",
    ]
    assert settings["OPTIONS"]["target_session_attrs"] == "read-write"
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_parameters_of_the_url_replace_the_default_timeouts():
    plain = database.build_settings("postgresql:///db")["OPTIONS"]
    pgbouncer = database.build_settings("postgresql:///db?options=&connect_timeout=9")["OPTIONS"]

    assert "statement_timeout=10s" in plain["options"]
    assert (pgbouncer["options"], pgbouncer["connect_timeout"]) == ("", "9")


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "hidden"])
def test_a_malformed_url_is_reported_without_the_password(url):
    with pytest.raises(ValueError, match="DATABASE_URL must be a PostgreSQL URL") as error:
        database.build_settings(url)

    assert "hidden" not in str(error.value)
    assert error.value.__suppress_context__
