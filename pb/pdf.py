"""A print template's HTML as an accessible PDF (PDF/UA-1). Nothing but our own fonts is ever fetched."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from pb.fonts import FACES, font_path
from pb.settings import get_settings

PRINT_CSS = Path(__file__).parent / "static" / "print.css"


def render_pdf(html: str, language: str, title: str) -> bytes:
    """The document as PDF/UA-1 bytes; the same input gives the same bytes.

    In a print template a <span> is always the city's own text: it is marked with the city's language.
    Raises ValueError if the document asks for anything but our own fonts.
    """
    # Imported here: only the jobs that make a PDF need Pango.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    fonts, fetcher = FontConfiguration(), _own_fonts()
    try:
        style = CSS(filename=PRINT_CSS, font_config=fonts, url_fetcher=fetcher)
        document = HTML(string=html, base_url="own:/", url_fetcher=fetcher, media_type="print").render(
            stylesheets=[style], font_config=fonts, presentational_hints=False
        )
    except FatalURLFetchingError as refused:
        raise ValueError("a report may use nothing but our own fonts") from refused
    document.metadata.lang, document.metadata.title = language, title
    return _finish(document.write_pdf(pdf_variant="pdf/ua-1"))


def count_pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def _own_fonts() -> Any:
    """A fetcher that knows `own:regular` and `own:bold` and refuses the rest, files and the net alike."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFonts(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            face = url.removeprefix("own:")
            if face not in FACES:
                raise ValueError(f"not an own asset: {url}")
            return URLFetcherResponse(url, font_path(face).read_bytes(), {"content-type": "font/ttf"})

    return OwnFonts(fail_on_errors=True)


def _finish(pdf: bytes) -> bytes:
    """What WeasyPrint leaves out: the scope of table headers, and the language of the city's own texts."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        _finish_element(document.Root.StructTreeRoot.K[0], "", get_settings().content_language)
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _finish_element(element: Any, above: str, language: str) -> None:
    kind, kids = str(element.S), [kid for kid in element.get("/K", []) if isinstance(kid, pikepdf.Dictionary)]
    if kind in ("/TH", "/TD"):
        # A table that goes on over the page repeats its header cells, and with them WeasyPrint's header IDs.
        element.A = pikepdf.Dictionary({"/O": pikepdf.Name("/Table")} | _spans(element))
        if "/ID" in element:
            del element["/ID"]
        if kind == "/TH":
            element.A.Scope = pikepdf.Name("/Column" if above == "/THead" else "/Row")
    elif kind == "/Span" and kids:  # a text run is a Span too, but has only its mark inside
        element.Lang = language
    for kid in kids:
        if "/S" in kid:
            _finish_element(kid, above if kind == "/TR" else kind, language)


def _spans(element: Any) -> dict[str, Any]:
    return {name: value for name, value in element.get("/A", {}).items() if name in ("/ColSpan", "/RowSpan")}
