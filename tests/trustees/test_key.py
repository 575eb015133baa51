"""Who holds a round's key: the ceremony, the rehearsal that must come before the confirmation, and what is refused."""

import hashlib
import json
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ballots.box import get_box
from ballots.seal import new_key, public_half, sign, verifying_key
from pb import keys
from pb.audit import Deed, list_events
from pb.confirmation.service import confirm_ballot
from pb.errors import FieldErrors, NotAllowed, Refusal
from pb.language import in_language
from pb.permissions import Role
from pb.trustees.queries import find_key
from pb.trustees.rules import OpenedFile, ceremony_of, rehearsal_export
from pb.trustees.service import add_key, drop_key, take_rehearsal
from tests.cast import make_person
from tests.results.voted import BEFORE, make_draft, make_voting
from tests.trustees.keyholders import CEREMONY, PRIVATE, changed, make_held, opened_by, rehearse_key
from tests.visitor import words


async def refusal(act) -> str:
    with in_language("en"), pytest.raises((Refusal, FieldErrors)) as refused:
        await act
    error = refused.value
    return error.message if isinstance(error, Refusal) else error.errors["file"]


async def test_without_a_ceremony_the_service_holds_the_key(session):
    voted = await make_voting(session, 3600)
    assert await find_key(session, voted.round.id) is None
    assert keys.key_path("opening", voted.round.id).exists()


async def test_with_trustees_the_private_key_is_nowhere(session):
    held = await make_held(session, 3600)
    box = await get_box(session, held.round.id)
    assert box.public_key.hex() == json.loads(CEREMONY)["key"]
    folder = keys.key_path("opening", held.round.id).parent
    assert sorted(path.name for path in folder.iterdir()) == ["box.key", "code.key", "log.key"]
    assert not any(PRIVATE in path.read_bytes() for path in folder.parent.rglob("*") if path.is_file())


async def test_no_ballot_is_confirmed_before_two_shares_have_opened_the_rehearsal(session):
    draft = await make_draft(session)
    confirm = (session, draft.officer, draft.round.id, BEFORE)
    await add_key(session, draft.officer, draft.round.id, CEREMONY, BEFORE)
    assert "The trustees have not tried their shares" in await refusal(confirm_ballot(*confirm))
    by_hand = text("UPDATE round SET confirmed_at = now(), rules = '{}', rules_sha256 = '' WHERE id = :id")
    with pytest.raises(IntegrityError, match="the trustees have not opened the rehearsal"):
        async with session.begin_nested():
            await session.execute(by_hand, {"id": draft.round.id})
    await rehearse_key(session, draft)
    await confirm_ballot(*confirm)
    deeds = [event.deed for event in await list_events(session)]
    assert [deeds.count(deed) for deed in (Deed.TRUSTEES_CHOSEN, Deed.SHARES_REHEARSED)] == [2, 1]


async def test_another_ceremony_has_to_be_rehearsed_anew(session):
    draft = await make_draft(session)
    await rehearse_key(session, draft)
    await add_key(session, draft.officer, draft.round.id, ceremony_of(new_key()[0]).as_bytes(), BEFORE)
    assert "not tried" in await refusal(confirm_ballot(session, draft.officer, draft.round.id, BEFORE))
    await drop_key(session, draft.officer, draft.round.id, BEFORE)
    await confirm_ballot(session, draft.officer, draft.round.id, BEFORE)
    assert keys.key_path("opening", draft.round.id).exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: b"", "not a file that pb open has written"),
        (lambda file: b"{}", "not a file that pb open has written"),
        (lambda file: changed(file, ballots=[]), "not signed with the trustees' key"),
        (lambda file: changed(file, rehearsed=99), "not signed with the trustees' key"),
        (lambda file: changed(file, signature="0" * 128), "not signed with the trustees' key"),
        (lambda file: changed(file, export="0" * 64), "of another export"),
        (
            lambda file: opened_by(rehearsal_export(uuid4(), bytes.fromhex(json.loads(CEREMONY)["key"]))[0], 0, 1),
            "another",
        ),
    ],
    ids=["empty", "no fields", "a ballot less", "a number", "no signature", "another hash", "another round's"],
)
async def test_a_rehearsal_file_that_is_not_right_says_why(session, spoil, said):
    draft = await make_draft(session)
    await add_key(session, draft.officer, draft.round.id, CEREMONY, BEFORE)
    key = await find_key(session, draft.round.id)
    file = spoil(opened_by(key.rehearsal, 1, 2))
    assert said in await refusal(take_rehearsal(session, draft.officer, draft.round.id, file, BEFORE))
    assert key.rehearsed_at is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"v": 1}', changed(CEREMONY, key="00" * 32), changed(CEREMONY, more=1)]
)
async def test_a_file_that_is_no_ceremony_is_refused(session, content):
    draft = await make_draft(session)
    said = await refusal(add_key(session, draft.officer, draft.round.id, content, BEFORE))
    assert said == "This is not the file ceremony.json of a key ceremony."
    assert await find_key(session, draft.round.id) is None


async def test_a_confirmed_rounds_key_does_not_change(session):
    held = await make_held(session, 3600)
    for act in (
        add_key(session, held.officer, held.round.id, CEREMONY, BEFORE),
        drop_key(session, held.officer, held.round.id, BEFORE),
        take_rehearsal(session, held.officer, held.round.id, b"", BEFORE),
    ):
        assert "The ballot is confirmed" in await refusal(act)
    for by_hand in ("UPDATE trustee_key SET public_key = sha256('')", "DELETE FROM trustee_key"):
        with pytest.raises(IntegrityError, match="its key does not change"):
            async with session.begin_nested():
                await session.execute(text(by_hand))


async def test_only_the_services_officer_chooses_who_holds_the_key(session):
    draft = await make_draft(session)
    clerk = await make_person(session, "Kaisa", Role.CLERK, draft.round.service)
    for act in (
        add_key(session, clerk, draft.round.id, CEREMONY, BEFORE),
        drop_key(session, clerk, draft.round.id, BEFORE),
    ):
        with pytest.raises(NotAllowed):
            await act


async def test_the_pages_lead_from_the_ceremony_to_the_rehearsal(session, visit):
    draft = await make_draft(session)
    officer = await visit(draft.officer)
    own = f"/rounds/{draft.round.id}/key"
    assert "The service holds the key" in words(await officer.get(own))
    missing = await officer.post(own, files={"other": b""})
    assert (missing.status_code, "Choose the file first." in words(missing)) == (422, True)
    wrong = await officer.post(own, files={"file": b"hello"})
    assert (wrong.status_code, "not the file ceremony.json" in words(wrong)) == (422, True)
    assert (await officer.post(own, files={"file": CEREMONY})).status_code == 303
    export = (await officer.get(f"{own}/rehearsal.json")).content
    assert "Three trustees hold the key" in words(await officer.get(own))
    assert (await officer.post(f"{own}/rehearsal", files={"file": b"{}"})).status_code == 422
    assert (await officer.post(f"{own}/rehearsal", files={"file": opened_by(export, 2, 0)})).status_code == 303
    assert "Two shares opened the rehearsal on" in words(await officer.get(own))
    assert (await officer.post(f"{own}/service", {})).status_code == 303
    assert (await officer.get(f"{own}/rehearsal.json")).status_code == 404


async def test_the_rounds_page_says_who_holds_the_key_and_its_fingerprint(session, visitor):
    held = await make_held(session, 3600)
    page = words(await visitor.get(f"/rounds/{held.round.id}"))
    assert "Three trustees hold the key to the votes" in page
    assert (await find_key(session, held.round.id)).fingerprint in page


async def test_an_officer_who_exchanges_the_signing_key_cannot_make_up_the_rehearsal(session):
    """The fingerprint of both keys tells of it, and whoever has not opened the deck knows no code of it."""
    draft, theirs = await make_draft(session), bytes(range(32))
    exchanged = changed(CEREMONY, signing_key=verifying_key(theirs).hex())
    await add_key(session, draft.officer, draft.round.id, exchanged, BEFORE)
    key = await find_key(session, draft.round.id)
    assert key.fingerprint != ceremony_of(PRIVATE).fingerprint
    honest = OpenedFile.model_validate_json(opened_by(rehearsal_export(draft.round.id, public_half(PRIVATE))[0], 0, 1))
    forged = honest.model_copy(update={"export": hashlib.sha256(key.rehearsal).hexdigest()})
    forged = forged.model_copy(update={"signature": sign(theirs, forged.signed).hex()}).as_bytes()
    said = await refusal(take_rehearsal(session, draft.officer, draft.round.id, forged, BEFORE))
    assert "does not fit the ballot" in said
    assert key.rehearsed_at is None
