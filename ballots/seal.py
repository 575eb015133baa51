"""The envelope: a ballot sealed so that only the round's private key opens it.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. Heads of the log are
signed with Ed25519. The only importer of `cryptography`.
"""

import hashlib
import hmac
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ballots.types import Unreadable

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
OVERHEAD = 32 + 16  # bytes around a ballot: the sender's one-time public key, and the authentication tag


def new_key() -> tuple[bytes, bytes]:
    """A round's key: (private, public), 32 raw bytes each."""
    key = X25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def public_half(private: bytes) -> bytes:
    """The public key of a private one, 32 raw bytes each; empty for bytes that are no key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() if len(private) == 32 else b""


def fingerprint(public: bytes) -> str:
    """The key's name: SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()


def seal_ballot(public: bytes, round_id: UUID, plaintext: bytes) -> bytes:
    """An envelope for this round and key only. The same ballot sealed twice gives two unlike envelopes."""
    return SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info=context(round_id, public))


def unseal_ballot(private: bytes, round_id: UUID, ciphertext: bytes) -> bytes:
    """The plaintext. Raises Unreadable for another key or round, or a changed bit."""
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return SUITE.decrypt(ciphertext, key, info=context(round_id, key.public_key().public_bytes_raw()))
    except (InvalidTag, ValueError):
        raise Unreadable from None


def context(round_id: UUID, public: bytes) -> bytes:
    """What an envelope is bound to: `pb/v1|`, the round's 16 bytes, the fingerprint's 64 digits."""
    return b"pb/v1|" + round_id.bytes + fingerprint(public).encode()


def leaf(round_id: UUID, ciphertext: bytes) -> bytes:
    """The envelope's name, a leaf hash in the shape of RFC 6962."""
    return hashlib.sha256(b"\x00" + round_id.bytes + ciphertext).digest()


def box_ref(key: bytes, person_ref: UUID) -> bytes:
    """Where a person's envelope lies in the box: found again with the round's secret key, never read back."""
    return hmac.digest(key, person_ref.bytes, "sha256")


def sign(seed: bytes, message: bytes) -> bytes:
    """An Ed25519 signature, 64 bytes, by the key that 32 random bytes are the seed of (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verifying_key(seed: bytes) -> bytes:
    """The public key that tells this seed's signatures, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def opening_seed(private: bytes) -> bytes:
    """The signing seed that whoever holds a round's private key has too: it signs what was opened with that key."""
    return hmac.digest(private, b"pb/opened/v1", "sha256")


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the public key signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
