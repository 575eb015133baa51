"""Reads the pictures of a form: file fields `picture_1` … `picture_3`, each with `alt_n` and `remove_n`."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

from litestar.datastructures import FormMultiDict, UploadFile

from pb.errors import Refusal
from pb.language import gettext as _
from pb.pictures.models import MOST
from pb.pictures.rules import MOST_BYTES, Encoded, encode

BODY = 35 * 1024 * 1024  # bytes of a whole form: three pictures and the words
MOST_ALT = 300  # characters
_decoding = asyncio.Semaphore(1)  # one at a time: a large JPEG takes up to 600 MB


@dataclass
class Sent:
    """What a form asks of a thing's pictures, by place (1 to 3), and what is wrong with it, by field."""

    new: dict[int, Encoded] = field(default_factory=dict)
    alts: dict[int, str] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)

    def mark(self) -> str:
        """The same for the same pictures, words about them, and removals."""
        new = {place: sha256(picture.large).hexdigest() for place, picture in self.new.items()}
        return repr((new, self.alts, self.removed))


async def read_pictures(form: FormMultiDict, kept: Collection[int] = ()) -> Sent:
    """What the form asks, when pictures at the places `kept` have come before. Decodes what was sent."""
    sent = Sent()
    for place in range(1, MOST + 1):
        file, alt = form.get(f"picture_{place}"), str(form.get(f"alt_{place}") or "").replace("\x00", "").strip()
        if form.get(f"remove_{place}"):
            sent.removed.add(place)
            continue
        if isinstance(file, UploadFile):
            await read_picture(sent, place, file)
        elif alt and place not in kept:
            sent.errors[f"picture_{place}"] = _("Choose the picture again, or empty the words about it.")
        if place in sent.new or place in kept:
            sent.alts[place] = alt[:MOST_ALT]
            check_alt(sent, place, alt)
    return sent


async def read_picture(sent: Sent, place: int, file: UploadFile) -> None:
    data = await file.read(MOST_BYTES + 1)
    try:
        async with _decoding:
            sent.new[place] = await asyncio.to_thread(encode, data)
    except Refusal as wrong:
        sent.errors[f"picture_{place}"] = wrong.message


def check_alt(sent: Sent, place: int, alt: str) -> None:
    if not alt:
        sent.errors[f"alt_{place}"] = _("Say in a few words what is in the picture.")
    elif len(alt) > MOST_ALT:
        sent.errors[f"alt_{place}"] = _("Shorten this to %(n)s characters at most.") % {"n": MOST_ALT}
