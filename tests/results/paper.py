"""Reading a PDF back: what the accessibility checker finds, the structure, the words."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pdfua import validate

HEADINGS = ("/H1", "/H2", "/H3", "/H4")


def findings(pdf: bytes, folder: Path) -> list[str]:
    """What is wrong with the document, by the checker and in its headings; empty if nothing."""
    file = folder / "checked.pdf"
    file.write_bytes(pdf)
    report = validate(str(file))
    found = [f"{finding.rule_id}: {finding.message}" for finding in report.findings]
    # pdfua 0.1.3 cannot run its rule on empty headings with pikepdf 10.18, so we look ourselves.
    skipped = {outcome.rule_id: outcome.skipped_reason for outcome in report.outcomes if outcome.skipped_reason}
    found += [f"{rule} was not checked: {why}" for rule, why in skipped.items() if rule != "UA-14-001"]
    with pikepdf.open(BytesIO(pdf)) as document:
        levels = [int(str(h.S)[2]) for h in elements(document) if str(h.S) in HEADINGS]
        empty = [str(h.S) for h in elements(document) if str(h.S) in HEADINGS and not marks(h)]
    found += [f"the heading {kind} is empty" for kind in empty]
    jumps = [(a, b) for a, b in zip([0, *levels], levels, strict=False) if b > a + 1]
    return found + [f"a heading of level {b} follows one of level {a}" for a, b in jumps]


def elements(document: pikepdf.Pdf) -> Iterator[Any]:
    """The structure elements in reading order."""

    def below(element: Any) -> Iterator[Any]:
        yield element
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from below(kid)

    return below(document.Root.StructTreeRoot.K[0])


def marks(element: Any) -> bool:
    """Whether the element has content of a page anywhere inside."""
    return any(isinstance(kid, int) or (isinstance(kid, pikepdf.Dictionary) and marks(kid)) for kid in element.K)


def text_of(pdf: bytes) -> str:
    """The words on the pages, lines joined by spaces."""
    words = []
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            fonts = {name: letters(font) for name, font in page.Resources.Font.items()}
            font: dict[str, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    font = fonts[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    shown = operands[0] if str(operator) == "TJ" else [operands[0]]
                    codes = b"".join(bytes(part) for part in shown if isinstance(part, pikepdf.String)).hex()
                    words.append("".join(font.get(codes[at : at + 4], "?") for at in range(0, len(codes), 4)))
    return " ".join(" ".join(words).split())


def letters(font: Any) -> dict[str, str]:
    """The font's two-byte codes (in hex) and the letters they stand for."""
    pairs = re.findall(r"<([0-9a-f]{4})> <([0-9a-f]+)>", font.ToUnicode.read_bytes().decode().lower())
    return {code: bytes.fromhex(letter).decode("utf-16-be") for code, letter in pairs}
