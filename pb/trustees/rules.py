"""What trustees are given and what they give back: files that anybody can read, without a database.

An export holds the sealed envelopes, the opened file what was in them. Only who has the round's private key can sign
the opened file, and it names the export that it was made of: nobody else can make one up.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from ballots.check import Papers, check_ballot
from ballots.merkle import root_of
from ballots.opening import Opened, open_envelopes
from ballots.plaintext import Ballot
from ballots.seal import is_signed, leaf, opening_seed, public_half, sign, verifying_key
from ballots.types import InvalidBallot
from pb.rehearsal.rules import rehearse, seal_deck, stand_in
from pb.rounds.rules import Rules, read_rules, rules_text

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class NotAccepted(Exception):
    """A trustees' file that is refused: "unreadable", "other export", "not signed" or "not allowed"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    def as_bytes(self) -> bytes:
        """The file: canonical JSON, sorted keys, no spaces."""
        data = self.model_dump(mode="json")
        return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Ceremony(File):
    """The public half of a ceremony: the key that ballots are sealed to, and the one that signs what was opened."""

    v: Literal[1] = 1
    key: Hex32
    signing_key: Hex32

    @property
    def fingerprint(self) -> str:
        """What stands on the sheets and on the round's page: of both keys, so that neither can be exchanged."""
        return hashlib.sha256(bytes.fromhex(self.key + self.signing_key)).hexdigest()


class Export(File):
    """The envelopes in the order of their names, the frozen rules, and the whole log that they must be in.

    The log has a name more for each of the `superseded` casts, which a later one of the same voter replaced.
    """

    v: Literal[1] = 1
    rules: str
    key: Hex32
    log: tuple[Hex32, ...]
    root: Hex32
    superseded: int
    envelopes: tuple[bytes, ...]


class Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    choices: dict[int, tuple[int, ...]]


class OpenedFile(File):
    """What was in the envelopes of one export (by its SHA-256): ballots by code, void envelopes by name."""

    v: Literal[1] = 1
    round: UUID
    export: Hex32
    rehearsed: int
    ballots: tuple[Listed, ...]
    void: tuple[tuple[Hex32, str], ...]
    signature: Hex64 = "0" * 128

    @property
    def signed(self) -> bytes:
        """What is signed: `pb/opened/v1|`, then the file with a signature of zeros."""
        return b"pb/opened/v1|" + self.model_copy(update={"signature": "0" * 128}).as_bytes()

    @property
    def opened(self) -> Opened:
        ballots = sorted(self.ballots, key=lambda one: (one.code, sorted(one.choices.items())))
        return Opened(
            tuple(Ballot(one.code, one.choices) for one in ballots),
            tuple((bytes.fromhex(name), why) for name, why in self.void),
        )


def ceremony_of(private_key: bytes) -> Ceremony:
    signing = verifying_key(opening_seed(private_key))
    return Ceremony(key=public_half(private_key).hex(), signing_key=signing.hex())


def export_of(
    rules: str, public_key: bytes, log: Sequence[bytes], envelopes: Iterable[bytes], superseded: int = 0
) -> bytes:
    """The export's file."""
    return Export(
        rules=rules,
        key=public_key.hex(),
        log=tuple(name.hex() for name in log),
        root=root_of(log).hex(),
        superseded=superseded,
        envelopes=tuple(envelopes),
    ).as_bytes()


def rehearsal_export(round_id: UUID, public_key: bytes) -> tuple[bytes, bytes]:
    """An export of made-up ballots, to try the shares with before the round is confirmed; and their codes' digest."""
    rules = stand_in(round_id)
    deck, codes = seal_deck(rules, public_key)
    sealed = sorted(deck, key=lambda one: leaf(rules.round_id, one))
    return export_of(rules_text(rules), public_key, [leaf(rules.round_id, one) for one in sealed], sealed), codes


def is_rehearsal(rules: Rules) -> bool:
    """Whether these are the stand-in's rules under a deck's name; a UUID of version 5, as no round has."""
    return rules.round_id.version == 5 and rules == stand_in(rules.round_id).model_copy(
        update={"round_id": rules.round_id}
    )


def read_export(content: bytes, now: datetime) -> tuple[Export, Rules]:
    """The export and its rules. Raises ValueError with a sentence, also before the close by the rules."""
    try:
        export = Export.model_validate_json(content)
        rules = read_rules(export.rules)
    except ValidationError:
        raise ValueError("This is not an export of sealed ballots. Take the file that the round's page gave.") from None
    if not is_rehearsal(rules) and now < rules.closes:
        raise ValueError(f"Voting closes on {rules.closes:%Y-%m-%d %H:%M %Z}. Nothing is opened before.")
    log, names = [bytes.fromhex(name) for name in export.log], [leaf(rules.round_id, one) for one in export.envelopes]
    whole = root_of(log).hex() == export.root and len(log) == len(names) + export.superseded
    if not whole or not set(names).issubset(log) or names != sorted(set(names)):
        raise ValueError("The export is damaged: its envelopes and its log do not belong together. Fetch it again.")
    return export, rules


def open_export(export: Export, rules: Rules, private_key: bytes) -> OpenedFile:
    """The signed file of what is in an export, after a rehearsal with the same key.

    Raises ValueError with a sentence, or RehearsalFailed.
    """
    if public_half(private_key).hex() != export.key:
        raise ValueError(f"These shares are of another key. This export needs the key {export.key[:12]}…")
    outcome = rehearse(rules, private_key)
    found = open_envelopes(private_key, rules.round_id, rules.papers_per_voter(), export.envelopes)
    made = OpenedFile(
        round=rules.round_id,
        export=hashlib.sha256(export.as_bytes()).hexdigest(),
        rehearsed=outcome.ballots,
        ballots=tuple(Listed(code=ballot.code, choices=dict(ballot.choices)) for ballot in found.ballots),
        void=tuple((name.hex(), why) for name, why in found.void),
    )
    signature = sign(opening_seed(private_key), made.signed)
    return made.model_copy(update={"signature": signature.hex()})


def read_opened(content: bytes, export: bytes, rules: Rules, signing_key: bytes) -> OpenedFile:
    """A file that trustees made of this export. Raises NotAccepted."""
    try:
        made = OpenedFile.model_validate_json(content)
    except ValidationError:
        raise NotAccepted("unreadable") from None
    if made.export != hashlib.sha256(export).hexdigest():
        raise NotAccepted("other export")
    if not is_signed(signing_key, made.signed, bytes.fromhex(made.signature)):
        raise NotAccepted("not signed")
    papers = rules.papers_per_voter()
    if not all(any(allows(some_voters, ballot) for some_voters in papers) for ballot in made.opened.ballots):
        raise NotAccepted("not allowed")
    return made


def allows(papers: Papers, ballot: Ballot) -> bool:
    try:
        check_ballot(papers, ballot.choices)
    except InvalidBallot:
        return False
    return True
