"""The bodies and queries of BCC's API as typed models, and our objects as those bodies.

Unknown fields and nulls are accepted, as every official SDK sends some; wrong types are not. The
names are BCC's, in camel case on the wire. Sources: BCC's API reference, ImageModel and
InstanceModel in its appendix.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from accounts.models import Account
from images import quotas
from images.models import Image, Instance, Region

MAX_KEYS = 1000
LONGEST_BATCH = 100


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL is no character of a text")
    return text


# PostgreSQL keeps no NUL.
Text = Annotated[str, AfterValidator(without_nul)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Ids = Annotated[list[Text], Field(max_length=LONGEST_BATCH)]


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Body(Wire):
    """What a client sends."""

    model_config = ConfigDict(strict=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class Query(Wire):
    """What stands behind the question mark."""

    model_config = ConfigDict(populate_by_name=False)


class Nothing(Wire):
    """An answer without a content."""


# Requests


class Page(Query):
    marker: Text = ""
    max_keys: Annotated[int, Field(ge=1)] = MAX_KEYS


class ImagesQuery(Page):
    image_type: Literal[
        "All", "System", "Custom", "Integration", "Sharing",
        "BbcSystem", "BbcCustom", "GpuBccSystem", "GpuBccCustom", "GpuBbcSystem", "GpuBbcCustom",
        "FpgaBccSystem", "FpgaBccCustom", "EbcTotal", "EbcSystem", "EbcCustom",
    ] = "All"  # fmt: skip
    image_name: Text = ""


class InstancesQuery(Page):
    """Lists are joined by commas. From `dedicatedHostId` on, it is what no instance here has."""

    instance_ids: Text = ""
    instance_names: Text = ""
    fuzzy_instance_name: Text = ""
    status: Text = ""
    zone_name: Text = ""
    payment_timing: Text = ""
    internal_ip: Text = ""
    dedicated_host_id: Text = ""
    deploy_set_ids: Text = ""
    security_group_ids: Text = ""
    cds_ids: Text = ""
    ehc_cluster_id: Text = ""
    vpc_id: Text = ""
    tags: Text = ""
    keypair_ids: Text = ""
    auto_renew: Text = ""
    private_ips: Text = ""
    ipv6_addresses: Text = ""

    @property
    def asks_for_what_nothing_has(self) -> bool:
        return any(
            (
                self.dedicated_host_id,
                self.deploy_set_ids,
                self.security_group_ids,
                self.cds_ids,
                self.ehc_cluster_id,
                self.vpc_id,
                self.tags,
                self.keypair_ids,
                self.auto_renew.lower() == "true",
                self.private_ips,
                self.ipv6_addresses,
            )
        )


class Recipient(Body):
    account: Text = ""
    account_id: Text = ""
    uc_account: Text = ""

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """What was given, each with the field of Account that it has to be in."""
        given = (
            ("name", self.account),
            ("account_id", self.account_id),
            ("uc_account", self.uc_account),
        )
        return [(field, text) for field, text in given if text]


class CreateImage(Body):
    image_name: Text
    instance_id: Text = ""
    snapshot_id: Text = ""
    relate_cds: bool = False
    encrypt_key: Text = ""


class RemoteCopy(Body):
    name: Text = ""
    dest_region: Annotated[list[Text], Field(max_length=LONGEST_BATCH)]


class Rename(Body):
    """One image, or several as the newest SDK can."""

    name: Text
    image_id: Text = ""
    image_ids: Ids = []


class InstanceIds(Body):
    instance_ids: Ids = []


class Batch(Body):
    instance_ids: Annotated[Ids, Field(min_length=1)]


def without_zeros(data: Any) -> Any:
    """The Go SDK sends its zero values, which mean that nothing is said."""
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if value not in (0, "")}
    return data


class Reservation(Body):
    reservation_length: Annotated[int, Field(ge=1, le=36)] = 1
    reservation_time_unit: Literal["month", "Month", "year", "Year"] = "Month"

    said = model_validator(mode="before")(without_zeros)


class Billing(Body):
    payment_timing: Literal["Postpaid", "Prepaid", "bidding"] = "Postpaid"
    reservation: Reservation = Reservation()

    said = model_validator(mode="before")(without_zeros)


class Login(Body):
    """`adminPass` in clear or encrypted, or the login that is in the image."""

    admin_pass: Text = ""
    keypair_id: Text = ""
    keep_image_login: bool = False


class CreateInstance(Login):
    image_id: Text
    spec: Text = ""
    cpu_count: Count = 0
    memory_capacity_in_gb: Annotated[Count, Field(alias="memoryCapacityInGB")] = 0
    name: Annotated[Text, Field(max_length=255)] = ""
    purchase_count: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    auto_seq_suffix: bool = False
    root_disk_size_in_gb: Count = 0
    zone_name: Text = ""
    billing: Billing = Billing()


class Rebuild(Login):
    image_id: Text


class BatchRebuild(Rebuild):
    instance_ids: Annotated[Ids, Field(min_length=1)]


class DescribeRegions(Body):
    region: Text = ""


# Answers


class ImageModel(Wire):
    id: str
    name: str
    type: str
    os_type: str
    os_version: str
    os_arch: str
    os_name: str
    os_build: str
    os_lang: str
    special_version: str
    create_time: str
    status: str
    desc: str
    min_disk_gb: int
    disk_size: int = 0
    ephemeral_size: int = 0
    package: bool = False
    encrypted: bool
    snapshots: list[dict[str, Any]] = []


class ImageDetail(ImageModel):
    share_to_user_num_limit: int
    shared_to_user_num: int


class ImageAnswer(Wire):
    image: ImageDetail


class PageAnswer(Wire):
    """`nextMarker` is there only when the list goes on."""

    marker: str
    is_truncated: bool
    next_marker: str | None = None
    max_keys: int


class ImagesAnswer(PageAnswer):
    images: list[ImageModel]


class SharedUser(Wire):
    account: str
    account_id: str
    uc_account: str


class SharedUsersAnswer(Wire):
    users: list[SharedUser]


class ImageIdAnswer(Wire):
    image_id: str


class Copy(Wire):
    region: str
    image_id: str
    err_msg: str = ""
    code: str = ""


class RemoteCopyAnswer(Wire):
    result: list[Copy]


class OsModel(Wire):
    instance_id: str
    os_arch: str
    os_name: str
    os_version: str
    os_type: str
    os_lang: str
    special_version: str


class OsAnswer(Wire):
    os_info: list[OsModel]


class InstanceModel(Wire):
    """Types are those that the Go SDK is strict about: some numbers are strings."""

    id: str
    name: str
    hostname: str
    instance_type: str = "N5"
    spec: str
    desc: str
    status: str
    payment_timing: str
    create_time: str
    expire_time: str
    public_ip: str = ""
    internal_ip: str
    cpu_count: int
    gpu_card: str = ""
    fpga_card: str = ""
    card_count: str = "0"
    memory_capacity_in_gb: Annotated[int, Field(alias="memoryCapacityInGB")]
    local_disk_size_in_gb: Annotated[int, Field(alias="localDiskSizeInGB")] = 0
    root_disk_size_in_gb: int
    image_id: str
    image_name: str
    image_type: str
    os_name: str
    os_version: str
    os_arch: str
    network_capacity_in_mbps: int = 0
    zone_name: str
    subnet_id: str = ""
    vpc_id: str = ""
    auto_renew: bool = False
    keypair_id: str = ""
    eni_num: str = "0"
    eni_quota: int = 0
    deletion_protection: int = 0
    tags: list[dict[str, str]] = []
    volumes: list[dict[str, Any]] = []


class InstanceAnswer(Wire):
    instance: InstanceModel


class InstancesAnswer(PageAnswer):
    instances: list[InstanceModel]


class InstanceIdsAnswer(Wire):
    instance_ids: list[str]
    warning_list: list[str] = []
    order_id: str = ""


class RegionModel(Wire):
    region_id: str
    region_name: str
    region_endpoint: str


class RegionsAnswer(Wire):
    regions: list[RegionModel]


class ZoneModel(Wire):
    zone_name: str


class ZonesAnswer(Wire):
    zones: list[ZoneModel]


class TokenAnswer(Wire):
    token: str


class ErrorAnswer(Wire):
    """Every refusal and failure."""

    request_id: str
    code: str
    message: str


# Ours as theirs


def time(when: datetime | None) -> str:
    """In UTC, to the second; the empty text for no time."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""


# BCC's enumeration has no word for an image that is being copied.
STATUSES = {Image.Status.COPYING: Image.Status.CREATING}


def image_fields(image: Image, account: Account) -> dict[str, Any]:
    return {
        "id": image.image_id,
        "name": image.name,
        "type": image.type_for(account).value,
        "create_time": time(image.created_at),
        "status": str(STATUSES.get(Image.Status(image.status), image.status)),
        "desc": image.desc,
        "min_disk_gb": image.min_disk_gb,
        **image.system,
    }


def image_model(image: Image, account: Account) -> ImageModel:
    return ImageModel(**image_fields(image, account))


def image_detail(image: Image, account: Account, *, recipients: int | None) -> ImageDetail:
    """The detail; `recipients` is how many its owner shares it with, None for everybody else."""
    is_told = recipients is not None
    return ImageDetail(
        **image_fields(image, account),
        share_to_user_num_limit=quotas.recipients_per_image(image.owner) if is_told else 0,
        shared_to_user_num=recipients or 0,
    )


def shared_user(account: Account) -> SharedUser:
    return SharedUser(
        account=account.name, account_id=account.account_id, uc_account=account.uc_account or ""
    )


def instance_model(instance: Instance) -> InstanceModel:
    is_prepaid = instance.expires_at is not None
    return InstanceModel(
        id=instance.instance_id,
        name=instance.name,
        hostname=instance.name,
        spec=instance.spec,
        desc=instance.desc,
        status=instance.status,
        payment_timing="Prepaid" if is_prepaid else "Postpaid",
        create_time=time(instance.created_at),
        expire_time=time(instance.expires_at),
        internal_ip=instance.internal_ip,
        cpu_count=instance.cpu_count,
        memory_capacity_in_gb=instance.memory_gb,
        root_disk_size_in_gb=instance.system_disk_gb,
        image_id=instance.image_id,
        image_name=instance.image_name,
        image_type=instance.image_type,
        os_name=instance.os_name,
        os_version=instance.os_version,
        os_arch=instance.os_arch,
        zone_name=instance.zone_name,
    )


def os_model(instance: Instance) -> OsModel:
    return OsModel(instance_id=instance.instance_id, **instance.system)


def region_model(region: Region, endpoint: str) -> RegionModel:
    return RegionModel(region_id=region.code, region_name=region.name_zh, region_endpoint=endpoint)
