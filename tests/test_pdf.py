"""A report as PDF: accessible by the checker, ours alone, and the same each time."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from pb.pdf import render_pdf
from tests.results.paper import elements, findings, text_of

REPORT = """<!doctype html><html lang="sv"><title>Resultat</title><body><h1>Resultat</h1>
<p>Valt: <span lang="fi">Pihakonsertit</span></p>
<table><thead><tr><th scope="col">Projekt</th><th scope="col">Röster</th></tr></thead>
<tbody><tr><th scope="row"><span lang="fi">Pihakonsertit</span></th><td>3</td></tr>%s</tbody></table>"""


def opened(html: str) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(render_pdf(html, "sv", "Resultat")))


def test_the_checker_finds_nothing(tmp_path: Path) -> None:
    assert findings(render_pdf(REPORT % "", "sv", "Resultat"), tmp_path) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = "<html lang='fi'><title>a</title><h1>a</h1><h3>b</h3><table><tr><td>1</td></tr></table>"
    found = " ".join(findings(render_pdf(wrong, "fi", "a"), tmp_path))
    assert "UA-15-003" in found
    assert "level 3 follows one of level 1" in found


def test_the_words_can_be_read_back() -> None:
    assert "Röster" in text_of(render_pdf(REPORT % "", "sv", "Resultat"))


def test_language_and_title_are_set() -> None:
    with opened(REPORT % "") as document:
        assert (document.Root.Lang, document.docinfo.Title) == ("sv", "Resultat")


def test_each_table_header_names_its_column_or_row_on_every_page() -> None:
    with opened(REPORT % ("<tr><th scope='row'>Rad</th><td>1</td></tr>" * 100)) as document:
        scopes = [str(element.A.Scope) for element in elements(document) if str(element.S) == "/TH"]
        pages = len(document.pages)
    assert pages > 1
    assert (scopes.count("/Column"), scopes.count("/Row")) == (2 * pages, 101)


def test_the_citys_own_words_are_marked_with_its_language() -> None:
    with opened(REPORT % "") as document:
        assert [str(element.Lang) for element in elements(document) if "/Lang" in element] == ["fi", "fi"]


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_pdf(REPORT % "", "sv", "Resultat") == render_pdf(REPORT % "", "sv", "Resultat")


@pytest.mark.parametrize("address", ["http://example.fi/a.png", "file:///etc/passwd", "own:secret", "a.png"])
def test_nothing_but_our_own_fonts_is_fetched(address: str) -> None:
    with pytest.raises(ValueError, match="own fonts"):
        render_pdf(f'<html lang="fi"><title>a</title><img src="{address}" alt="a"></html>', "fi", "a")
