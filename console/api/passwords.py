"""`adminPass` in requests: most SDKs encrypt it, the newer Python SDK does not.

AES-128-ECB with PKCS #7 padding under the first 16 characters of the caller's secret, in hex.
Source: BCC, "Password encryption rules".
"""

from __future__ import annotations

import re
import secrets
import string

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

# No password in clear is this long.
ENCRYPTED = re.compile(r"(?:[0-9a-fA-F]{32})+")


def decrypt(admin_pass: str, secret: str) -> str:
    """Return the password in clear. Text that cannot be decrypted is returned unchanged."""
    if not ENCRYPTED.fullmatch(admin_pass):
        return admin_pass
    # BCC requires ECB, which hides enough of a text as short as a password.
    cipher = Cipher(algorithms.AES128(secret[:16].encode()), modes.ECB())  # noqa: S305
    decryptor = cipher.decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        padded = decryptor.update(bytes.fromhex(admin_pass)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except ValueError:
        return admin_pass


def generate() -> str:
    """Return a random password like those that BCC generates for an instance without one."""
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(12))
    return f"{letters}{secrets.randbelow(10)}{secrets.choice('!@#$%^*()')}"
