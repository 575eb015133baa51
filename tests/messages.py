"""The messages of the code and the templates, and the catalogues that translate them: `./run messages`."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import extract_from_ast

from pb.language import LANGUAGES, LOCALE, PLAIN, spoken
from pb.pages import TEMPLATES, make_environment

CODE = LOCALE.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PARTIAL = [PLAIN]  # says only what it says in another way
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def read_messages() -> Catalog:
    """Every message that a person may meet, with the files in which it is written."""
    found = Catalog(charset="utf-8")
    for path in sorted([*CODE.rglob("*.py"), *TEMPLATES.rglob("*.html")]):
        read = read_template if path.suffix == ".html" else read_code
        for message in read(path):
            found.add(message, locations=[(str(path.relative_to(CODE.parent)), 0)])
    return found


def read_code(path: Path) -> Iterator[str | tuple[str, ...]]:
    with path.open("rb") as file:
        yield from (message for _line, message, _comments, _context in extract("python", file, KEYWORDS))


def read_template(path: Path) -> Iterator[str | tuple[str, ...]]:
    """A template's messages as its own environment reads them."""
    page = make_environment().parse(path.read_text("utf-8"))
    for _line, function, message in extract_from_ast(page, tuple(KEYWORDS), babel_style=False):
        words = [word for word in message if isinstance(word, str)]
        yield (words[0], words[1]) if function == "ngettext" else words[0]


def catalogue_path(language: str) -> Path:
    return LOCALE / language / "messages.po"


def read_catalogue(language: str) -> Catalog:
    """The translations into `language`; empty where there are none yet."""
    path = catalogue_path(language)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=spoken(language), charset="utf-8")


def write_catalogue(language: str, catalogue: Catalog) -> None:
    """Write it sorted, without dates and lines, so that a changed message is a changed line and no more."""
    text = BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    header = HEADER.format(language=spoken(language), plural_forms=catalogue.plural_forms)
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + text.getvalue())


def list_messages(catalogue: Iterable[Message]) -> list[Message]:
    """The catalogue's messages without its header."""
    return [message for message in catalogue if message.id]


def ways(words: str | Iterable[str]) -> tuple[str, ...]:
    """The forms of a message or of a translation: one, or two where it counts something."""
    return (words,) if isinstance(words, str) else tuple(words)


def is_translated(message: Message) -> bool:
    return not message.fuzzy and bool(message.string) and all(ways(message.string))


def update_catalogues() -> dict[str, list[Message]]:
    """Add new messages, drop those nobody says any more, keep the rest; what is not translated, by language."""
    messages, left = read_messages(), {}
    for language in [*TRANSLATED, *PARTIAL]:
        catalogue = read_catalogue(language)
        catalogue.update(deepcopy(messages), no_fuzzy_matching=True)
        missing = [m for m in list_messages(catalogue) if not is_translated(m)]
        if language in PARTIAL:
            for message in missing:
                catalogue.delete(ways(message.id)[0])
        else:
            left[language] = missing
        write_catalogue(language, catalogue)
    return left


if __name__ == "__main__":
    for language, messages in update_catalogues().items():
        print(f"{catalogue_path(language).relative_to(Path.cwd())}: {len(messages)} messages not translated")
        for message in messages:
            print("  " + ways(message.id)[0].replace("\n", " "))
