"""The secrets directory: one random file per purpose, and per round, so that a round can be forgotten.

Mode 0700, beside the data by default, outside backups. A database whose secrets are missing is refused.
"""

import hashlib
import hmac
import logging
import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import UUID

from pb.errors import MissingKey
from pb.language import gettext as _
from pb.settings import get_settings

log = logging.getLogger("pb.keys")


def key_path(purpose: str, round_id: UUID | None = None) -> Path:
    folder = get_settings().secrets
    return folder / f"{round_id}" / f"{purpose}.key" if round_id else folder / f"{purpose}.key"


def write_key(path: Path, key: bytes, *, replace: bool = False) -> bytes:
    """Keep `key` in a file only its owner reads, complete on disk or not there at all; the key that stands.

    Of two writers at once the first wins, unless `replace`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    partial = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        partial.replace(path)
    else:
        with suppress(FileExistsError):
            path.hardlink_to(partial)
        partial.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return path.read_bytes()


def make_key(purpose: str, round_id: UUID | None = None) -> bytes:
    """A random 32-byte key of the app or of a round: the existing one, or made now."""
    path = key_path(purpose, round_id)
    return path.read_bytes() if path.exists() else write_key(path, secrets.token_bytes(32))


def read_key(purpose: str, round_id: UUID) -> bytes:
    """A round's key. Raises MissingKey where the secrets are missing."""
    try:
        return key_path(purpose, round_id).read_bytes()
    except FileNotFoundError:
        log.error("the key %r of round %s is not in the secrets directory", purpose, round_id)
        raise MissingKey(
            _("The city's key of this round is missing. The administrator must restore the secrets directory.")
        ) from None


def destroy_key(purpose: str, round_id: UUID) -> bool:
    """Overwrite a round's key and remove its file; whether there was one. A copy elsewhere is not found by this."""
    path = key_path(purpose, round_id)
    if not path.exists():
        return False
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    for torn in path.parent.glob(f"{purpose}.*"):  # left by a kill while the key was written
        torn.unlink()
    return True


@cache
def web_key() -> bytes:
    """The app's own key: signs cookies, tickets and form tokens. Made at the first start."""
    return make_key("web")


def sign(purpose: str, text: str) -> str:
    """`text` with a signature that no other purpose accepts."""
    mac = hmac.new(web_key(), f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()
    return f"{text}.{mac}"


def unsign(purpose: str, signed: str) -> str | None:
    """The text that `sign` was given, or None if the signature is not ours."""
    text = signed.rpartition(".")[0]
    return text if hmac.compare_digest(sign(purpose, text).encode(), signed.encode()) else None


def derive_id(purpose: str, *parts: str) -> UUID:
    """The same id for the same parts; nobody can foresee it without the app's key."""
    mac = hmac.new(web_key(), repr((purpose, *parts)).encode(), hashlib.sha256).digest()
    return UUID(bytes=mac[:16])


def token_hash(token: str) -> bytes:
    """How a random token is kept: useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).digest()
