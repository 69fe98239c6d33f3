"""The operating system of an image or an instance."""

from __future__ import annotations

from images.models import Image, Instance

WINDOWS = {
    "os_type": "windows",
    "os_name": "Windows Server",
    "os_version": "2022",
    "os_arch": "arm64 (64bit)",
    "os_build": "20348",
    "os_lang": "CHS",
    "special_version": "datacenter",
    "encrypted": True,
}


def test_an_instance_can_have_every_field_of_its_image():
    image = Image(name="golden", **WINDOWS)

    instance = Instance(name="web", **image.system)

    assert image.system == instance.system == WINDOWS


def test_an_operating_system_is_shown_with_its_version():
    assert Image(**WINDOWS).os == "Windows Server 2022"
