"""Which actions an image offers, and in which order."""

from __future__ import annotations

import pytest

from images.actions import Action, offers

from ..factories import ImageFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db

MANAGE = [Action.SHARE, Action.UNSHARE, Action.COPY, Action.EDIT, Action.DELETE]


def actions(image, by):
    return [offer.action for offer in offers(image, by)]


def test_an_owner_sees_what_manages_the_image_first(actor_for):
    image = ImageFactory.create()

    assert actions(image, actor_for(image.owner)) == [*MANAGE, Action.USE]


def test_a_recipient_sees_create_instance_first(actor_for):
    grant = ShareGrantFactory.create()

    assert actions(grant.image, actor_for(grant.recipient)) == [Action.USE, *MANAGE]


def test_an_owner_sees_cancel_first_while_the_image_is_copied(actor_for):
    image = ImageFactory.create(copying=True)

    assert actions(image, actor_for(image.owner)) == [Action.CANCEL, *MANAGE, Action.USE]
