"""One dull factory per model."""

from __future__ import annotations

import factory

from accounts.models import Account, User
from images.models import Image, Region, ShareGrant

PASSWORD = "correct-horse-battery"


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"account-{n}")
    uc_account = factory.Sequence(lambda n: f"uc-account-{n}")


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    account = factory.SubFactory(AccountFactory)
    password = factory.django.Password(PASSWORD)


class OperatorFactory(UserFactory):
    username = factory.Sequence(lambda n: f"operator-{n}")
    account = None
    is_staff = True
    is_superuser = True


class RegionFactory(factory.django.DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "bj"
    name_en = "Beijing"
    name_zh = "北京"


class ImageFactory(factory.django.DjangoModelFactory[Image]):
    """A custom image that is available."""

    class Meta:
        model = Image

    region = factory.SubFactory(RegionFactory)
    owner = factory.SubFactory(AccountFactory)
    type = Image.Type.CUSTOM
    name = factory.Sequence(lambda n: f"image-{n}")
    os_name = "Ubuntu"
    os_version = "22.04 LTS"


class PublicImageFactory(ImageFactory):
    owner = None
    type = Image.Type.SYSTEM
    name = factory.Sequence(lambda n: f"public-{n}")


class ShareGrantFactory(factory.django.DjangoModelFactory[ShareGrant]):
    class Meta:
        model = ShareGrant

    image = factory.SubFactory(ImageFactory)
    owner = factory.SelfAttribute("image.owner")
    recipient = factory.SubFactory(AccountFactory)
    shared_by = "somebody"
