"""What becomes of the pictures that people send: upright, small, without a trace of where they were taken."""

import subprocess
import sys
import zipfile
from io import BytesIO
from zlib import crc32

import pytest
from PIL import Image, ImageFile, PngImagePlugin

from pb.errors import Refusal
from pb.language import in_language
from pb.pictures.rules import MOST_BYTES, encode

GPS, ORIENTATION, ARTIST = 0x8825, 0x0112, 0x013B
TRACES = (b"Exif", b"Raija", b"kotipihalta", b"profile")


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as in the app, where WeasyPrint is imported
    with in_language("en"):
        yield


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), colour: object = None) -> Image.Image:
    return Image.new(mode, size, colour) if colour is not None else Image.new(mode, size)


def sent(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def received(data: bytes) -> Image.Image:
    made = encode(data)
    for jpeg in (made.large, made.small):
        opened = Image.open(BytesIO(jpeg))
        assert (opened.format, opened.mode) == ("JPEG", "RGB")
    image = Image.open(BytesIO(made.large))
    assert image.size == (made.width, made.height)
    return image


def photo_with_position() -> bytes:
    exif = Image.Exif()
    exif[ARTIST], exif[ORIENTATION] = "Raija Rantanen", 6
    exif.get_ifd(GPS).update({1: "N", 2: (61.0, 4.0, 30.0), 3: "E", 4: (25.0, 2.0, 10.0)})
    red_left = picture(size=(60, 40), colour="blue")
    red_left.paste("red", (0, 0, 20, 40))
    return sent(red_left, exif=exif, comment=b"kotipihalta", icc_profile=b"profile", quality=95)


def test_position_name_and_comments_are_gone_and_the_picture_stands_upright():
    data = photo_with_position()
    before = Image.open(BytesIO(data))
    assert before.getexif().get_ifd(GPS)[2] == (61.0, 4.0, 30.0)  # it was there
    assert b"kotipihalta" in data
    after = received(data)
    assert after.size == (40, 60)
    assert after.getpixel((20, 5))[0] > 200, "the red edge is on top after a turn to the right"
    assert dict(after.getexif()) == {}
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for jpeg in vars(encode(data)).values():
        assert not isinstance(jpeg, bytes) or not any(
            w in jpeg for w in (b"Exif", b"Raija", b"kotipihalta", b"profile")
        )


def test_a_large_one_is_made_smaller_and_a_small_one_is_not_made_larger():
    made = encode(sent(picture(size=(4000, 1000))))
    assert (made.width, made.height) == (1600, 400)
    assert Image.open(BytesIO(made.small)).size == (480, 120)
    assert received(sent(picture(size=(1, 1)), "PNG")).size == (1, 1)


@pytest.mark.parametrize(
    ("data", "colour"),
    [
        (sent(picture("CMYK", colour=(0, 0, 0, 0))), (255, 255, 255)),
        (sent(picture("I;16", colour=65535), "PNG"), (255, 255, 255)),
        (sent(picture("I;16", colour=32768), "PNG"), (128, 128, 128)),
        (sent(picture("RGBA", colour=(255, 0, 0, 0)), "PNG"), (255, 255, 255)),
        (sent(picture("RGBA", colour=(255, 0, 0, 128)), "WEBP"), (255, 127, 127)),
        (sent(picture("LA", colour=(0, 0)), "PNG"), (255, 255, 255)),
        (sent(picture("P", colour=0), "PNG", transparency=0), (255, 255, 255)),
        (sent(picture("1", colour=1), "PNG"), (255, 255, 255)),
        (sent(picture("L", colour=100)), (100, 100, 100)),
    ],
    ids=[
        "cmyk",
        "16-bit white",
        "16-bit grey",
        "clear png",
        "half clear webp",
        "grey clear",
        "palette",
        "bits",
        "grey",
    ],
)
def test_every_kind_of_pixel_becomes_what_the_eye_sees(data, colour):
    pixel = received(data).getpixel((30, 20))
    assert all(abs(ours - theirs) <= 3 for ours, theirs in zip(pixel, colour, strict=True)), pixel


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind):
    second = picture(colour="blue")
    data = sent(picture(colour="red"), kind, save_all=True, append_images=[second], duration=100)
    assert Image.open(BytesIO(data)).n_frames == 2
    assert received(data).getpixel((30, 20))[0] > 200


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as refusal:
        encode(data)
    return refusal.value.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        sent(picture(), "GIF"),
        sent(picture(), "BMP"),
        sent(picture(), "TIFF"),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200),
        sent(Image.effect_noise((300, 300), 50))[:4000],
        sent(picture(), "PNG")[:60],
        sent(picture(), "WEBP")[:30],
        sent(picture(), "PNG").replace(b"IDAT", b"IDAX"),
    ],
    ids=["empty", "three bytes", "gif", "bmp", "tiff", "svg", "heic", "cut jpeg", "cut png", "cut webp", "broken png"],
)
def test_other_formats_and_broken_files_are_refused_with_a_sentence(data):
    assert "JPEG, PNG" in refused(data)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    plain = sent(picture(size=(1, 1)), "PNG")
    size = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + plain[24:29]
    return plain[:12] + size + crc32(size).to_bytes(4, "big") + plain[33:]


@pytest.mark.parametrize("size", [(5000, 4001), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_huge_dimensions_are_refused_before_anything_is_decoded(size):
    assert "megapixels" in refused(png_header(*size))


def test_a_jpeg_may_have_more_pixels_than_what_is_decoded_whole():
    assert received(sent(picture(size=(5000, 4001)))).width == 1600
    assert "50 megapixels" in refused(sent(picture("L", size=(10_000, 5001))))
    assert "20 megapixels" in refused(sent(picture("L", size=(5000, 4001)), "WEBP"))


def test_the_largest_picture_takes_a_part_of_its_pixels_in_memory(tmp_path):
    file = tmp_path / "suuri.png"
    picture("RGBA", size=(5000, 4000)).save(file, compress_level=1)
    code = (
        "import resource, sys; from pathlib import Path; from pb.pictures.rules import encode; "
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; encode(Path(sys.argv[1]).read_bytes()); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    kib = int(subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=True).stdout)
    assert kib < 250 * 1024, "80 MB of pixels, copied once"


def test_too_large_a_file_is_refused():
    assert "10 MB" in refused(sent(picture()) + bytes(MOST_BYTES))


def as_zip(data: bytes) -> bytes:
    out = BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.sh", "echo")
    assert zipfile.is_zipfile(out)
    return out.getvalue()


def with_words(words: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", words)
    return sent(picture(), "PNG", pnginfo=info)


@pytest.mark.parametrize(
    "data",
    [
        as_zip(sent(picture())),
        as_zip(sent(picture(), "WEBP")),
        sent(picture()) + b"<HTML><body onload=alert(1)>",
        sent(picture(), comment=b"<script>alert(1)</script>"),
        with_words("<?PHP system($_GET[0]);"),
        sent(picture(), comment=b"%PDF-1.4"),
    ],
    ids=["jpeg and zip", "webp and zip", "jpeg and page", "jpeg and script", "png and php", "jpeg and pdf"],
)
def test_a_file_that_is_something_else_as_well_is_refused(data):
    Image.open(BytesIO(data)).load()  # a picture it is
    assert "more than a picture" in refused(data)


def test_a_phone_s_second_picture_behind_the_first_is_let_pass_and_ends_here():
    trailer = b"\x00\x00\x00\x18ftypmp42" + b"secret film"
    made = encode(sent(picture()) + sent(picture(size=(9, 9))) + trailer)
    assert (made.width, made.height) == (60, 40)
    assert b"secret film" not in made.large + made.small
