"""Keys and ciphers: the key ring, the encryption of personal fields, and keyed hashes to find them by.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; entity, column and record id are bound in as associated
data, so a cipher text moved to another row or column does not open. Every key of the ring is wrapped twice: for the
master key, and sealed for the recovery key (X25519, HKDF-SHA256) that `init` prints once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashboard.domain.fields import Kind
from dashboard.errors import Misconfigured

NONCE = 12
KEY = 32
FORMAT = b"\x01"
PURPOSES = ("store", "field", "index", "audit", "mart")


@dataclass(frozen=True)
class RingKey:
    """One unwrapped key of the ring."""

    key_id: str
    purpose: str
    secret: bytes


@dataclass
class KeyRing:
    """The unwrapped keys of one store. The newest key of a purpose encrypts, older ones still decrypt."""

    keys: list[RingKey]
    recovery_public: bytes
    path: Path
    by_id: dict[str, RingKey] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {key.key_id: key for key in self.keys}

    def current(self, purpose: str) -> RingKey:
        """The key of a purpose that is in use."""
        return next(key for key in reversed(self.keys) if key.purpose == purpose)

    def save(self, *masters: bytes) -> None:
        """Write the ring, whole or not at all: wrapped for each of `masters`, and sealed for the recovery key."""
        content = {
            "format": 1,
            "recovery_public": encode(self.recovery_public),
            "keys": [
                {
                    "id": key.key_id,
                    "purpose": key.purpose,
                    "wrapped": [encode(seal(derive(master, "ring"), key.secret, tag_of(key))) for master in masters],
                    "recovery": encode(seal_for(self.recovery_public, key.secret, tag_of(key))),
                }
                for key in self.keys
            ],
        }
        write_secret(self.path, json.dumps(content, indent=1).encode())

    def add(self, purpose: str) -> RingKey:
        """A fresh key of a purpose, in use from now on."""
        key = RingKey(f"{purpose[0]}{secrets.token_hex(5)}", purpose, secrets.token_bytes(KEY))
        self.keys.append(key)
        self.by_id[key.key_id] = key
        return key


def create_ring(path: Path, master: bytes) -> tuple[KeyRing, str]:
    """A new ring on disk, and the recovery key to print once."""
    recovery = X25519PrivateKey.generate()
    ring = KeyRing([], recovery.public_key().public_bytes_raw(), path)
    for purpose in PURPOSES:
        ring.add(purpose)
    ring.save(master)
    return ring, printable(recovery.private_bytes_raw())


def open_ring(path: Path, master: bytes) -> KeyRing:
    """The ring at `path`. Raises Misconfigured (keys.missing, keys.wrong_master)."""
    key = derive(master, "ring")
    return unwrap(read_ring(path), path, lambda entry, tag: unseal_any(key, entry["wrapped"], tag))


def recover_ring(path: Path, recovery_key: str) -> KeyRing:
    """The ring at `path`, opened with the printed recovery key."""
    private = X25519PrivateKey.from_private_bytes(unprintable(recovery_key))
    return unwrap(read_ring(path), path, lambda entry, tag: unseal_with(private, decode(entry["recovery"]), tag))


def read_ring(path: Path) -> dict[str, Any]:
    """The wrapped ring as stored."""
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Misconfigured("keys.missing", path=str(path)) from None
    return content


def unwrap(content: dict[str, Any], path: Path, opened: Any) -> KeyRing:
    """A ring from its stored form; `opened` turns an entry and its tag into the secret."""
    keys = []
    for entry in content["keys"]:
        bare = RingKey(entry["id"], entry["purpose"], b"")
        try:
            keys.append(RingKey(bare.key_id, bare.purpose, opened(entry, tag_of(bare))))
        except InvalidTag:
            raise Misconfigured("keys.wrong_master", path=str(path)) from None
    return KeyRing(keys, decode(content["recovery_public"]), path)


def tag_of(key: RingKey) -> bytes:
    """What a wrapped key is bound to."""
    return f"{key.purpose}|{key.key_id}".encode()


def derive(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose from a secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=f"salesdesk {purpose}".encode()).derive(secret)


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Format byte, nonce, cipher text and tag."""
    nonce = os.urandom(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """The plain bytes; InvalidTag when the key, the bytes or what they are bound to is not the same."""
    if sealed[:1] != FORMAT:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[1 : NONCE + 1], sealed[NONCE + 1 :], bound)


def unseal_any(key: bytes, wrapped: list[str], bound: bytes) -> bytes:
    """The plain bytes of whichever was sealed with the key; InvalidTag when none was."""
    for sealed in wrapped:
        try:
            return unseal(key, decode(sealed), bound)
        except InvalidTag:
            continue
    raise InvalidTag


def seal_for(public: bytes, plain: bytes, bound: bytes) -> bytes:
    """Seal for whoever holds the private key: an ephemeral public key, then the sealed bytes."""
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    return ephemeral.public_key().public_bytes_raw() + seal(derive(shared, "recovery"), plain, bound)


def unseal_with(private: X25519PrivateKey, sealed: bytes, bound: bytes) -> bytes:
    """The inverse of `seal_for`."""
    shared = private.exchange(X25519PublicKey.from_public_bytes(sealed[:KEY]))
    return unseal(derive(shared, "recovery"), sealed[KEY:], bound)


def encode(raw: bytes) -> str:
    """Bytes as text for the ring file."""
    return base64.b64encode(raw).decode()


def decode(text: str) -> bytes:
    """The inverse of `encode`."""
    return base64.b64decode(text)


def printable(secret: bytes) -> str:
    """A key as groups of letters and digits that a person can write down."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def unprintable(text: str) -> bytes:
    """The inverse of `printable`; raises Misconfigured (keys.bad_recovery)."""
    bare = re.sub(r"[^A-Z2-7]", "", text.upper())
    try:
        raw = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except ValueError:
        raw = b""
    if len(raw) != KEY:
        raise Misconfigured("keys.bad_recovery")
    return raw


def write_secret(path: Path, content: bytes) -> None:
    """Replace a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name, too, is on the disk before anything is encrypted with a new key
    finally:
        os.close(folder)


def normalised(kind: Kind, value: str) -> str:
    """What two spellings of the same phone, address or text have in common."""
    folded = unicodedata.normalize("NFKC", value).strip().casefold()
    if kind is Kind.PHONE:
        digits = re.sub(r"\D", "", re.split(r"(?:转|ext\.?|x|#)", folded)[0])
        return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)
    return re.sub(r"\s+", "", folded)


def keyed_hash(key: bytes, kind: Kind, value: str) -> str:
    """The first 128 bits of HMAC-SHA256 over the normalised value: equal for equal values, across entities."""
    text = f"{kind}|{normalised(kind, value)}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def tail_hash(key: bytes, value: str) -> str:
    """The keyed hash of the last four digits of a phone number."""
    return hmac.new(key, f"tail|{normalised(Kind.PHONE, value)[-4:]}".encode(), hashlib.sha256).hexdigest()[:32]
