"""One factory per model."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from accounts import keys
from accounts.models import AccessKey, Account, User
from images.models import Image, Instance, Region, ShareGrant

PASSWORD = "correct-horse-battery"
SECRET = "0123456789abcdef0123456789abcdef"


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


class AccessKeyFactory(factory.django.DjangoModelFactory[AccessKey]):
    class Meta:
        model = AccessKey

    key_id = factory.Sequence(lambda n: f"{n:032x}")
    user = factory.SubFactory(UserFactory)
    description = factory.Sequence(lambda n: f"key-{n}")
    encrypted_secret = factory.LazyAttribute(lambda o: keys.encrypt(SECRET, key_id=o.key_id))


class RegionFactory(factory.django.DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "bj"
    name_en = "Beijing"
    name_zh = "北京"


FAR = datetime(2126, 1, 1, tzinfo=UTC)
# The end of a change of status: in the past, at any date a test runs at or moves to
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


# The rows that the test created without a verb, and so without an event
without_event: list[Image | Instance | ShareGrant] = []


class WithoutEvent:
    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        row = super()._create(model_class, *args, **kwargs)
        without_event.append(row)
        return row


class ImageFactory(WithoutEvent, factory.django.DjangoModelFactory[Image]):
    """A custom image that is available."""

    class Meta:
        model = Image

    class Params:
        creating = factory.Trait(passing_status="Creating", settles_at=FAR)
        copying = factory.Trait(passing_status="Copying", settles_at=FAR)

    region = factory.SubFactory(RegionFactory)
    owner = factory.SubFactory(AccountFactory)
    type = Image.Type.CUSTOM
    settles_at = LONG_AGO
    name = factory.Sequence(lambda n: f"image-{n}")
    os_name = "Ubuntu"
    os_version = "22.04 LTS"


class PublicImageFactory(ImageFactory):
    owner = None
    type = Image.Type.SYSTEM
    name = factory.Sequence(lambda n: f"public-{n}")


class ShareGrantFactory(WithoutEvent, factory.django.DjangoModelFactory[ShareGrant]):
    class Meta:
        model = ShareGrant

    image = factory.SubFactory(ImageFactory)
    owner = factory.SelfAttribute("image.owner")
    recipient = factory.SubFactory(AccountFactory)
    shared_by = "somebody"


class InstanceFactory(WithoutEvent, factory.django.DjangoModelFactory[Instance]):
    """A running instance. Its image does not exist unless `image` is given."""

    class Meta:
        model = Instance

    class Params:
        image = None
        starting = factory.Trait(passing_status="Starting", settles_at=FAR)
        stopping = factory.Trait(
            passing_status="Stopping", settled_status="Stopped", settles_at=FAR
        )
        stopped = factory.Trait(settled_status="Stopped")
        image_processing = factory.Trait(passing_status="ImageProcessing", settles_at=FAR)
        expired = factory.Trait(expires_at=LONG_AGO)

    region = factory.SubFactory(RegionFactory)
    owner = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda n: f"instance-{n}")
    settles_at = LONG_AGO
    zone_name = factory.LazyAttribute(lambda o: f"cn-{o.region.code}-a")
    spec = "bcc.g5.c2m8"
    cpu_count = 2
    memory_gb = 8
    system_disk_gb = 40
    image_id = factory.LazyAttribute(lambda o: o.image.image_id if o.image else "m-long0ago")
    image_name = factory.LazyAttribute(lambda o: o.image.name if o.image else "long-ago")
    image_type = "Custom"
    os_name = "Ubuntu"
    os_version = "22.04 LTS"
