"""Every sentence of the code and the templates, and the catalogues that translate them.

`./run messages` brings both catalogues up to date: new sentences come in empty, old ones go, and what waits for a
translator is listed. `test_translations` fails until nothing waits.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LANGUAGES = ("fi", "sv")
METHODS = [("pb/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def path_of(language: str) -> Path:
    return ROOT / "pb" / "locale" / language / "messages.po"


def extract() -> Catalog:
    """The sentences as they stand in the code now, without places or dates, so that a change shows as itself."""
    template = Catalog(charset="utf-8")
    found = extract_from_dir(ROOT, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, strip_comment_tags=True)
    for _file, _line, message, _comments, context in found:
        template.add(message, context=context)
    return template


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue with exactly the sentences of the code, keeping what is translated; nothing is guessed."""
    old, new = read(language), Catalog(locale=language, charset="utf-8", header_comment="")
    for message in extract():
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known and known.id == message.id else "")
    return new


def text(catalogue: Catalog, path: Path) -> bytes:
    """A .po file in the order of the sentences, with a header that says the language and the plurals only."""
    out = BytesIO()
    write_po(out, catalogue, omit_header=True, sort_output=True, width=110)
    head = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {path.parent.name}\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    return head.encode() + out.getvalue()


def waiting(catalogue: Catalog) -> Iterator[Message]:
    """The sentences without a whole translation."""
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            yield message


def main() -> None:
    for language in LANGUAGES:
        catalogue, path = updated(language), path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text(catalogue, path))
        left = list(waiting(catalogue))
        print(f"{language}: {len(catalogue)} sentences, {len(left)} wait for a translation")
        for message in left:
            print(f"  {message.id}")


if __name__ == "__main__":
    main()
