"""Atkinson Hyperlegible from its wheel: WOFF2 subsets for the web, files for the reports."""

from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools import subset

# Latin with what Finnish, Swedish, Sámi and the neighbours' names need; punctuation; currency; arrows.
CHARACTERS = "U+0020-017F,U+0218-021B,U+02BC,U+1E80-1E9E,U+2010-2027,U+202F-203A,U+20AC,U+2122,U+2190-2193,U+2212"
FACES = {"regular": "AtkinsonHyperlegible-Regular.ttf", "bold": "AtkinsonHyperlegible-Bold.ttf"}


def font_path(face: str) -> Path:
    """The TrueType file of `face`: "regular" or "bold"."""
    spec = find_spec("fontpkg_atkinson_hyperlegible")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the font's package is not installed")
    return Path(spec.origin).parent / "files" / FACES[face]


@cache
def web_font(face: str) -> bytes:
    """`face` as WOFF2 with the characters our languages use."""
    options = subset.Options(flavor="woff2", layout_features=["*"])
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    out = BytesIO()
    with subset.load_font(str(font_path(face)), options) as font:
        chosen.subset(font)
        subset.save_font(font, out, options)
    return out.getvalue()
