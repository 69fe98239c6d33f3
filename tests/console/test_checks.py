"""The system check of the settings for proxies."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks


@pytest.mark.parametrize(
    ("https", "proxies", "number"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)]
)
def test_a_proxy_that_the_settings_do_not_mention_is_reported(settings, https, proxies, number):
    settings.SECURE_SSL_REDIRECT, settings.TRUSTED_PROXIES = https, proxies
    found = [
        problem
        for problem in run_checks(include_deployment_checks=True)
        if problem.id == "console.W001"
    ]

    assert len(found) == number
    assert all("one of them can lock everybody out" in problem.msg for problem in found)
