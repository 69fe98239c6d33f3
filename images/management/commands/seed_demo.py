"""Add demo data: departments that share images with each other and with branches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, Channel
from accounts.management.asking import require_yes
from accounts.models import Account, Role, User
from images import copying, instances, lifecycle, sharing
from images.models import Image, Instance, Region, ShareGrant
from images.specs import SPECS

Status = Image.Status
Failure = Image.Failure

# Usernames, and how they are described
DEMO_SIGN_INS = [
    ("platform", "shares images"),
    ("payments", "receives and shares images"),
    ("operator", "operator, signs in at /admin/"),
]
DEPARTMENTS = ["platform", "payments", "search", "data", "research", "security"]
CITIES = """
    anqing baotou changsha chengdu chongqing dalian dongguan foshan fuzhou guilin guiyang haikou
    hangzhou harbin hefei hohhot huizhou jinan jiaxing jilin jinhua kunming lanzhou lhasa linyi
    luoyang nanchang nanjing nanning nantong ningbo qingdao quanzhou sanya shantou shaoxing
    shenyang shenzhen shijiazhuang taiyuan taizhou tangshan tianjin urumqi weifang wenzhou wuhan
    wuxi xiamen xian xining xuzhou yancheng yangzhou yantai yinchuan zhengzhou zhuhai zibo zunyi
""".split()  # noqa: SIM905 - sixty names are easier to read as text


class Os(NamedTuple):
    type: str
    name: str
    version: str
    size_gb: int = 20


UBUNTU22 = Os("linux", "Ubuntu", "22.04 LTS")
UBUNTU24 = Os("linux", "Ubuntu", "24.04 LTS")
CENTOS7 = Os("linux", "CentOS", "7.9")
DEBIAN12 = Os("linux", "Debian", "12.11")
ROCKY9 = Os("linux", "Rocky Linux", "9.4")
WINDOWS = Os("windows", "Windows Server", "2022 Datacenter", 40)

PUBLIC = [UBUNTU24, UBUNTU22, DEBIAN12, ROCKY9, CENTOS7, WINDOWS]


class Custom(NamedTuple):
    owner: str
    region: str
    name: str
    os: Os
    desc: str
    size_gb: int = 40
    status: Status = Status.AVAILABLE
    shared_with: str | int = ""  # account names, or the number of branches, from the end of CITIES
    failure: str = ""


CUSTOM = [
    Custom("platform", "bj", "golden-ubuntu-22.04", UBUNTU22, "Hardened base, patched monthly", 40,
           shared_with=46),
    Custom("platform", "bj", "golden-ubuntu-24.04", UBUNTU24, "Next base image, in trial", 40,
           shared_with="payments search data"),
    Custom("platform", "bj", "golden-centos-7.9", CENTOS7, "For legacy systems only", 40,
           shared_with="payments security"),
    Custom("platform", "bj", "golden-windows-2022", WINDOWS, "Joins the domain at first boot", 80,
           shared_with=12),
    Custom("platform", "bj", "ci-runner", DEBIAN12, "Build agent with warm caches", 60,
           shared_with="search research"),
    Custom("platform", "bj", "legacy-erp", CENTOS7, "Imported from the old data center", 120,
           Status.CREATED_FAILED, failure=Failure.IMPORT_FORMAT),
    Custom("platform", "bj", "golden-rocky-9", ROCKY9, "Withdrawn, defect under investigation", 40,
           Status.NOT_AVAILABLE, "data"),
    Custom("platform", "bj", "gpu-cuda-12", UBUNTU22, "Drivers for training jobs", 100,
           Status.ERROR, failure=Failure.DATA_LOST),
    Custom("platform", "gz", "golden-ubuntu-22.04", UBUNTU22, "Copy for Guangzhou", 40,
           shared_with=20),
    Custom("platform", "hkg", "golden-ubuntu-22.04", UBUNTU22, "Copy for Hong Kong", 40),
    Custom("payments", "bj", "payments-api-3.8", UBUNTU22, "Release 3.8 with its agents", 40,
           shared_with="platform security"),
    Custom("payments", "bj", "pos-terminal", DEBIAN12, "Point of sale", 20, shared_with=8),
    Custom("security", "bj", "forensics", DEBIAN12, "Read-only tools", 60,
           shared_with="platform payments"),
    Custom("data", "bj", "spark-worker", ROCKY9, "Spark and its JVM", 60,
           shared_with="platform research"),
    Custom("research", "su", "notebook", UBUNTU24, "Notebook server", 80, shared_with="data"),
    Custom("search", "gz", "indexer", ROCKY9, "Index builder", 60, shared_with="platform"),
]  # fmt: skip
# Four departments share 19 images with this branch. Its limit is 20.
CLOSE_TO_FULL = "branch-anqing"
SMALL = [
    Custom(owner, "bj", f"branch-kit-{number}", DEBIAN12, "One task, one image", 20,
           shared_with=CLOSE_TO_FULL)
    for owner, kits in (("search", 5), ("data", 5), ("research", 5), ("security", 4))
    for number in range(1, kits + 1)
]  # fmt: skip


class Machine(NamedTuple):
    owner: str
    name: str
    image: str
    status: str = "Running"
    number: int = 1


# All in Beijing. The image with this name is the owner's, else the platform's, else public.
MACHINES = [
    Machine("platform", "image-builder", "Ubuntu-22.04-LTS"),
    Machine("platform", "nightly-builder", "golden-ubuntu-24.04"),
    Machine("platform", "runner", "ci-runner", number=3),
    Machine("platform", "staging", "golden-ubuntu-22.04", "Stopped"),
    Machine("platform", "erp", "CentOS-7.9", "Expired"),
    Machine("platform", "bastion", "Debian-12.11", "Starting"),
    Machine("platform", "load-test", "golden-ubuntu-24.04", "Stopping"),
    Machine("payments", "api", "golden-ubuntu-24.04", number=4),
    Machine("payments", "api-next", "golden-ubuntu-24.04", "Stopped"),
    Machine("payments", "settlement", "golden-centos-7.9"),
    Machine("payments", "release", "payments-api-3.8"),
    Machine("search", "crawler", "golden-ubuntu-24.04", number=12),
    Machine("search", "index", "ci-runner", number=2),
    Machine("data", "warehouse", "golden-ubuntu-24.04"),
    Machine("branch-zhuhai", "till", "golden-ubuntu-22.04", number=3),
    Machine("branch-zunyi", "till", "golden-ubuntu-22.04"),
]
# Duration of transitional statuses: long enough to see them
TRANSITION = timedelta(minutes=10)


class Command(BaseCommand):
    help = "Add demo data to an empty database. Asks first if other machines can reach the console."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if Account.objects.exists() or User.objects.exists():
            self.stdout.write("The database already has accounts. Nothing was added.")
            return
        number = len(DEPARTMENTS) + len(CITIES)
        require_yes(
            f"Other machines can reach this console. Add {number} accounts with demo data to it?",
            is_given=options["yes"] or settings.ONLY_LOCAL,
        )
        seed()
        counts = ", ".join(
            f"{model.objects.count()} {model._meta.verbose_name_plural}"
            for model in (Account, Image, ShareGrant, Instance)
        )
        self.stdout.write(f"Added {counts}.")


@transaction.atomic
def seed() -> None:
    accounts = {name: create_account(name) for name in DEPARTMENTS}
    accounts |= {f"branch-{city}": create_account(f"branch-{city}") for city in CITIES}
    add_people(accounts)
    regions = {region.code: region for region in Region.objects.all()}
    for region in regions.values():
        add_public_images(region)
    for age, custom in enumerate([*CUSTOM, *SMALL]):
        add_custom_image(custom, accounts, regions[custom.region], age)
    for age, machine in enumerate(MACHINES):
        add_machines(machine, accounts[machine.owner], age)
    add_work_in_progress(build_actor(accounts["platform"]), "gz")
    add_instance_of_deleted_image(accounts["payments"])


def create_account(name: str) -> Account:
    return Account.objects.create(name=name, uc_account=f"yunhe-{name}")


def add_people(accounts: dict[str, Account]) -> None:
    for name in DEPARTMENTS:
        add_person(name, account=accounts[name])
    add_person("operator", is_staff=True, is_superuser=True)


def add_person(username: str, **fields: Any) -> None:
    User.objects.create_user(username, password=settings.DEMO_PASSWORD, **fields)


def add_public_images(region: Region) -> None:
    Image.objects.bulk_create(
        Image(
            region=region,
            type=Image.Type.SYSTEM,
            name=f"{os.name}-{os.version}".replace(" ", "-"),
            os_type=os.type,
            os_name=os.name,
            os_version=os.version,
            size_gb=os.size_gb,
            min_disk_gb=os.size_gb,
            created_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
        )
        for os in PUBLIC
    )


def add_custom_image(
    custom: Custom, accounts: dict[str, Account], region: Region, age: int
) -> None:
    """Create the image, as if `age` times three days ago, and share it a day later."""
    owner = accounts[custom.owner]
    created_at = timezone.now() - timedelta(days=3 * age + 1, hours=age % 7)
    image = lifecycle.create(
        draft=Image(
            owner=owner,
            region=region,
            type=Image.Type.CUSTOM,
            name=custom.name,
            desc=custom.desc,
            os_type=custom.os.type,
            os_name=custom.os.name,
            os_version=custom.os.version,
            size_gb=custom.size_gb,
            min_disk_gb=custom.size_gb,
            created_at=created_at,
        ),
        by=build_actor(owner),
    )
    recipients = [accounts[name] for name in get_recipient_names(custom)]
    if recipients:
        entries = [sharing.Entry(account.name, [account]) for account in recipients]
        sharing.share(
            image=image,
            entries=entries,
            by=build_actor(owner),
            acknowledged=sharing.RISK_NOTICE,
        )
        image.grants.update(shared_at=created_at + timedelta(days=1))
    # Set the status last, because only available images can be shared.
    Image.objects.filter(pk=image.pk).update(settled_status=custom.status, failure=custom.failure)


def add_machines(machine: Machine, owner: Account, age: int) -> list[Instance]:
    """Create the instances with the verb, then set their age in days and their status."""
    images = Image.objects.visible_to(owner).in_region("bj").filter(name=machine.image)
    order = instances.Order(
        spec=SPECS["bcc.g5.c2m8"],
        names=instances.number_names(machine.name, machine.number),
        password="Golden2026!",  # noqa: S106 - validated, not stored
        system_disk_gb=100,
    )
    image = images.order_by("-owner").get()
    rows = instances.create(image=image, order=order, by=build_actor(owner))
    now = timezone.now()
    for instance in rows:
        created_at = now - timedelta(days=age, hours=1)
        instance.created_at = instance.passing_since = instance.settles_at = created_at
        if machine.status == "Stopped":
            instance.settled_status = machine.status
        elif machine.status == "Expired":
            instance.expires_at = now - timedelta(hours=12)
        elif machine.status != "Running":
            instance.pass_through(
                machine.status, to=SETTLED_STATUS[machine.status], lasting=TRANSITION
            )
        instance.save()
    return rows


SETTLED_STATUS = {"Starting": "Running", "Stopping": "Stopped"}


def add_work_in_progress(by: Actor, region_code: str) -> None:
    """Create an image that is being created, and one that is being copied to this region."""
    builder = Instance.objects.get(name="nightly-builder")
    lifecycle.create_from(instance=builder, name="nightly", desc="", by=by)
    golden = Image.objects.get(name="golden-ubuntu-24.04", owner=by.account)
    copying.copy(image=golden, codes=[region_code], name=golden.name, by=by)
    fields = {"settles_at": timezone.now() + TRANSITION}
    Image.objects.settling().update(**fields)
    Instance.objects.filter(pk=builder.pk).update(**fields)


def add_instance_of_deleted_image(owner: Account) -> None:
    """Create an instance and delete its image."""
    pos = Image.objects.get(name="pos-terminal", owner=owner)
    draft = Image(region=pos.region, owner=owner, type=pos.type, name="pos-terminal-old")
    draft.os_name, draft.os_version = pos.os_name, pos.os_version
    image = lifecycle.create(draft=draft, by=build_actor(owner))
    add_machines(Machine(owner.name, "till-prototype", image.name, "Stopped"), owner, 40)
    lifecycle.delete(image=image, by=build_actor(owner))


def get_recipient_names(custom: Custom) -> list[str]:
    if isinstance(custom.shared_with, int):
        return [f"branch-{city}" for city in CITIES[-custom.shared_with :]]
    return custom.shared_with.split()


def build_actor(account: Account) -> Actor:
    return Actor(account=account, name=account.name, role=Role.ADMIN, channel=Channel.SYSTEM)
