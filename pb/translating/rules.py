"""What of a round's texts is translated."""

from collections.abc import Sequence
from hashlib import sha256

from pb.translation import Translated, other_languages


def mark(words: str) -> str:
    """What tells a text from any other, in 16 characters."""
    return sha256(words.encode()).hexdigest()[:16]


def texts_of(thing: Translated) -> dict[str, str]:
    """The thing's own texts that say something, by field."""
    return {name: getattr(thing, name) for name in thing.WORDS if getattr(thing, name)}


def is_translated(thing: Translated, choice: str) -> bool:
    """Whether every text of the thing is there in this language."""
    return thing.translations.get(choice, {}).keys() >= texts_of(thing).keys()


def count_translated(things: Sequence[Translated]) -> dict[str, int]:
    """How many of the things each other language has in full."""
    return {choice: sum(is_translated(thing, choice) for thing in things) for choice in other_languages()}
