"""Makes a safe JPEG of whatever picture somebody sends: only the pixels live on, never the file."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageFile, ImageOps

from pb.errors import Refusal
from pb.language import gettext as _

MOST_BYTES = 10 * 1024 * 1024  # of one file as it is sent
# Megapixels, width × height, read from the header before anything is decoded. A JPEG is decoded at a part of its
# size; PNG and WebP only whole, which takes up to 20 bytes a pixel.
MOST_MEGAPIXELS = {"JPEG": 50, "PNG": 20, "WEBP": 20}
KEPT_FOR = timedelta(days=1)  # pictures of a form that has to be mended first
MOST_KEPT = 300  # of all such forms together: some 200 MB
LARGE, SMALL = 1600, 480  # the longer side, in pixels
FORMATS = tuple(MOST_MEGAPIXELS)  # told by content; the file's name and declared type are never asked
ACTIVE = (b"<?php", b"<html", b"<script")  # in small letters; 5 bytes or more, so that no photo holds one by chance


@dataclass(frozen=True)
class Encoded:
    """Two JPEGs of one picture, RGB, without metadata. Width and height are those of `large`, in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def is_something_else(data: bytes) -> bool:
    """Whether the file would also pass for a ZIP archive, a PDF, a web page or a program (a polyglot).

    Looked for where their readers look: a ZIP's end record in the last 65,557 bytes (APPNOTE.TXT 4.3.16), a PDF's
    header in the first 1,024. Other bytes after the picture's end are let pass, as phones put a second picture or
    a film there (CIPA DC-007, motion photos); they end here, for only the pixels are kept.
    """
    lower = data.lower()
    return b"PK\x05\x06" in data[-65_557:] or b"%PDF-" in data[:1024] or any(mark in lower for mark in ACTIVE)


def flatten(image: Image.Image) -> Image.Image:
    """The picture as RGB, transparent parts white. 16-bit greys are scaled to 8 bits."""
    if image.mode.startswith("I"):
        return image.point(lambda grey: grey / 256).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def shrink(image: Image.Image, longest: int) -> bytes:
    """Scale `image` itself down to at most `longest` pixels a side; the JPEG of it."""
    image.thumbnail((longest, longest))
    out = BytesIO()
    image.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def encode(data: bytes) -> Encoded:
    """The picture in two sizes, turned upright as its EXIF says; of a moving one, the first frame.

    Raises Refusal with a sentence for a file that is too large, has too many pixels, is broken, of another
    format, or something else as well. Slow: run it off the event loop.
    """
    if len(data) > MOST_BYTES:
        raise Refusal(_("The picture is too large. Choose one of at most 10 MB."))
    if is_something_else(data):
        raise Refusal(_("The file holds more than a picture. Take a screenshot of the picture and send that."))
    most = min(MOST_MEGAPIXELS.values())
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            most = MOST_MEGAPIXELS[str(image.format)]
            if image.width * image.height <= most * 1_000_000:
                return decode(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        pass
    except Exception as broken:  # a decoder stumbles over a broken file in many ways; none of them is our bug
        sentence = _("We cannot read this picture. Choose a photo or a picture in JPEG, PNG or WebP format.")
        raise Refusal(sentence) from broken
    too_many = _("The picture has too many pixels. Make it smaller, at most %(n)s megapixels, and send it again.")
    raise Refusal(too_many % {"n": most})


def decode(image: Image.Image) -> Encoded:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets half a picture pass wherever it is imported
    image.draft("RGB", (LARGE, LARGE))  # a JPEG far larger than needed is decoded at a part of its size
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):  # in the others there are no colours in between
        image.thumbnail((LARGE, LARGE))  # before it is copied whole
    upright = flatten(ImageOps.exif_transpose(image))
    upright.info = {}  # position, camera, comments, thumbnails: nothing of it may be written again
    large, (width, height) = shrink(upright, LARGE), upright.size
    return Encoded(large, shrink(upright, SMALL), width, height)
