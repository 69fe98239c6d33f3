"""The address of the console in links."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.management.links import build_link
from accounts.models import User


@pytest.mark.parametrize(
    ("host", "port", "link"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000/a/"),
        ("::1", 9000, "http://[::1]:9000/a/"),
    ],
)
def test_the_link_leads_to_host_and_port(settings, host, port, link):
    settings.HOST, settings.PORT = host, port
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

    assert build_link("/a/") == link


@pytest.mark.parametrize(
    ("names", "link"),
    [
        (["127.0.0.1", "console.example"], "https://console.example/a/"),
        ([".console.example"], "https://console.example/a/"),
        (["*"], "https://10.0.0.7/a/"),
    ],
)
def test_behind_tls_it_leads_to_the_public_name(settings, names, link):
    settings.HTTPS, settings.HOST, settings.ALLOWED_HOSTS = True, "10.0.0.7", names

    assert build_link("/a/") == link


def test_an_address_of_all_networks_is_replaced_by_the_public_name(settings):
    settings.HOST, settings.PORT = "0.0.0.0", 8000  # noqa: S104
    settings.ALLOWED_HOSTS = ["127.0.0.1", "console.example"]

    assert build_link("/a/") == "http://console.example:8000/a/"


def test_the_option_is_stronger():
    assert build_link("/a/", "https://bcc.example/") == "https://bcc.example/a/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["bcc.example", "bcc.example:8000", "ftp://bcc.example", "https://"]
)
def test_an_option_that_is_no_web_address_is_refused_before_anything_is_done(url):
    with pytest.raises(CommandError, match=r"--url: .* isn't an address such as https://"):
        call_command("createoperator", "mei", f"--url={url}")

    assert not User.objects.exists()
