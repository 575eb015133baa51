"""Writing a round's texts in other languages, at any time; what voters may have read already is shown as changed."""

from datetime import datetime
from uuid import UUID

from litestar.datastructures import FormMultiDict
from sqlalchemy.ext.asyncio import AsyncSession

from pb.audit import Deed
from pb.errors import FieldErrors
from pb.ideas.models import Idea
from pb.language import gettext as _
from pb.people.models import Person
from pb.permissions import Act, require
from pb.rounds.models import Amendment, AmendmentKind, Round
from pb.rounds.queries import get_round
from pb.rounds.service import record
from pb.translating.queries import Thing, list_things
from pb.translating.rules import mark
from pb.translation import Texts, other_languages, read_translations, spread

BEFORE = "before."  # the field beside each text that tells what the form showed
OF = "of."  # the field that tells of which text the form asked a translation, by its mark


async def save_translations(
    session: AsyncSession, me: Person | None, round_id: UUID, sent: FormMultiDict, now: datetime
) -> None:
    """Save the texts that this form changed; the rest may have been changed by somebody else meanwhile and stay.

    Raises FieldErrors, and saves nothing, for a text that is too long, for one that somebody else changed to
    something else, and for a change without a public reason to what a confirmed ballot has said already.
    """
    round_ = await get_round(session, round_id, for_act=True)
    require(me, Act.EDIT_ROUND, round_.scope, round_.windows, now=now)
    wanted, errors = {}, {}
    things = [thing for thing in await list_things(session, round_) if sent.get(f"{thing.id}")]
    for thing in things:
        try:
            wanted[thing.id] = merge(thing, sent)
        except FieldErrors as wrong:
            errors |= wrong.errors
    reason = str(sent.get("reason", "")).replace("\x00", "").strip()[:5000]
    rewritten = [c for thing in things if thing.id in wanted for c in changes(round_, thing, wanted[thing.id])]
    if rewritten and not reason:
        errors["reason"] = _("Say why you change a text that voters may have read.")
    if errors:
        raise FieldErrors(**errors)
    for thing in things:
        thing.translations = wanted[thing.id]
    session.add_all(Amendment(round_id=round_.id, reason=reason, at=now, **change) for change in rewritten)
    record(session, me, Act.EDIT_ROUND, round_, Deed.TEXTS_TRANSLATED, now=now)


def merge(thing: Thing, sent: FormMultiDict) -> Texts:
    """The thing's translations with what this form changed in them. Raises FieldErrors.

    A translation of words that the original has no more is refused, though nobody else has translated them.
    """
    prefix = f"{thing.id}."
    new = read_translations(sent, thing.WORDS, prefix)
    shown = read_translations(sent, thing.WORDS, BEFORE + prefix)
    merged: Texts = {}
    errors = {}
    for choice in other_languages():
        for name in thing.WORDS:
            mine, before, now = (texts.get(choice, {}).get(name, "") for texts in (new, shown, thing.translations))
            if mine != before and is_stale(thing, name, sent):
                sentence = _("The original text has changed meanwhile. Read it, then save again.")
                errors[f"{prefix}{name}.{choice}"] = sentence
            elif mine != before and now not in (before, mine):
                sentence = _("Somebody else has just written: %(text)s. Choose which one stays, then save again.")
                errors[f"{prefix}{name}.{choice}"] = sentence % {"text": now}
            elif words := now if mine == before else mine:
                merged.setdefault(choice, {})[name] = words
    if errors:
        raise FieldErrors(**errors)
    return merged


def is_stale(thing: Thing, name: str, sent: FormMultiDict) -> bool:
    """Whether the form showed another original than the one that stands."""
    stands = mark(getattr(thing, name))
    return sent.get(f"{OF}{thing.id}.{name}", stands) != stands


def changes(round_: Round, thing: Thing, wanted: Texts) -> list[dict[str, str]]:
    """What a confirmed ballot said in another language and says otherwise from now on, as amendments."""
    if round_.confirmed_at is None or isinstance(thing, Idea):
        return []
    before, after = spread(thing.translations), spread(wanted)
    return [
        {
            "kind": AmendmentKind.CORRECTED,
            "subject": getattr(thing, thing.WORDS[0]),
            "language": field.partition(".")[2],
            "before": words,
            "after": after.get(field, ""),
        }
        for field, words in before.items()
        if after.get(field, "") != words
    ]
