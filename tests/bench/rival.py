"""moto beside the console, where it is installed: MOTO_PYTHON is the Python of its environment."""

from __future__ import annotations

import os
import socket
import subprocess

from tests.console.processes import free_port, until

PYTHON = os.environ.get("MOTO_PYTHON", "")
CALLS = 40
CLIENT = """
import sys, boto3
port, work, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
ec2 = boto3.client(
    "ec2", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
    aws_access_key_id="a", aws_secret_access_key="a",
)
mine = [image["ImageId"] for image in ec2.describe_images(Owners=["self"])["Images"]]
for number in range(20 - len(mine)):
    mine.append(ec2.register_image(Name=f"golden-{number}")["ImageId"])
for number in range(calls):
    if work == "share":
        user = {"UserId": str(100_000_000_000 + number)}
        ec2.modify_image_attribute(ImageId=mine[0], LaunchPermission={"Add": [user]})
    else:
        ec2.describe_images(ImageIds=mine)
"""


class Moto:
    """A server of moto."""

    def __enter__(self):
        self.port = str(free_port())
        self.process = subprocess.Popen(
            [PYTHON, "-m", "moto.server", "-H", "127.0.0.1", "-p", self.port],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self.is_open)
        self.call("list", 1)
        return self

    def is_open(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", int(self.port))) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def call(self, work: str, calls: int = CALLS) -> None:
        subprocess.run([PYTHON, "-c", CLIENT, self.port, work, str(calls)], check=True)
