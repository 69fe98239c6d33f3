from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from images.management.commands import seed_demo

from ....factories import ShareGrantFactory


def check():
    out = StringIO()
    call_command("check_invariants", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_everything_agrees_in_the_demo(settings):
    settings.ONLY_LOCAL = True
    seed_demo.seed()

    assert check() == "Everything agrees.\n"


@pytest.mark.django_db
def test_what_breaks_a_rule_is_told_and_the_command_fails():
    grant = ShareGrantFactory.create(recipient__name="payments")
    out = StringIO()

    with pytest.raises(CommandError, match="2 rows break a rule"):
        call_command("check_invariants", stdout=out)

    assert f"Image {grant.image.image_id} is shared with payments, but" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_check_sees_one_moment_and_writes_nothing():
    assert check() == "Everything agrees.\n"
