"""The bundle as everybody downloads it: nothing before the result is published, then one that verifies."""

import asyncio
import json
import shutil

import pytest

from ballots import box
from pb.bundle.rules import BALLOTS, HEADS, MANIFEST, VOIDS, read_ballots, read_voids, unpack
from pb.clock import now
from pb.errors import MissingKey
from pb.keys import key_path
from pb.log.service import append_log
from pb.results.service import publish_results
from pb.settings import get_settings
from pb.verification.service import verify_bundle
from tests.bundle.test_second_reader import ours
from tests.results.voted import Voted, cast_six_ballots, close_and_count, make_voting, put_in_by_hand, vote
from tests.second_reader import read_as_text


@pytest.fixture
async def voted(session) -> Voted:
    """Twenty ballots, ten of them of Lammi; counted and not published."""
    voted = await make_voting(session, 2)
    await cast_six_ballots(session, voted)
    await put_in_by_hand(session, voted, None)
    await append_log(session, voted.round.id)
    await cast_six_ballots(session, voted)
    for _voter in range(8):
        await vote(session, voted, None, [4])
    await close_and_count(session, voted)
    await session.commit()
    return voted


async def publish(session, voted: Voted) -> None:
    await publish_results(session, voted.officer, voted.round.id, now())
    await session.commit()


async def test_the_bundle_is_there_from_the_publication_on_and_verifies(session, visitor, visit, voted):
    own = f"/rounds/{voted.round.id}"
    link = f'href="{own}/results/bundle.zip"'
    officer = await visit(voted.officer)
    for browser in (visitor, officer):
        assert (await browser.get(f"{own}/results/bundle.zip")).status_code == 404
        assert link not in (await browser.get(f"{own}/log")).text + (await browser.get(f"{own}/results")).text
    kept = (await visitor.get(f"{own}/log/heads.json")).content
    await publish(session, voted)
    for page in ("results", "results/1", "log"):
        assert link in (await visitor.get(f"{own}/{page}")).text
    answer = await visitor.get(f"{own}/results/bundle.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert f'filename="bundle-{voted.round.id}.zip"' in answer.headers["content-disposition"]
    verdict = verify_bundle(answer.content, kept)
    assert verdict.faults == ()
    assert "20 ballots, 0 superseded and 1 void = 21 in the log." in verdict.checked
    assert "Allocation 1, 'Lammi': 10 ballots counted again by greedy, the same result." in verdict.checked
    assert read_as_text(answer.content) == ours(answer.content)


async def test_the_bundle_holds_the_opened_ballots_the_log_and_the_hashed_rules(session, visitor, voted):
    await publish(session, voted)
    files = unpack((await visitor.get(f"/rounds/{voted.round.id}/results/bundle.zip")).content)
    papers = read_ballots(files[BALLOTS])
    for allocation in (1, 2):
        opened = [paper for paper in papers if paper[1] == allocation]
        assert opened == await box.list_opened(session, voted.round.id, allocation=allocation)
    assert read_voids(files[VOIDS]) == await box.list_void(session, voted.round.id)
    assert len(read_voids(files[VOIDS])) == 1
    assert json.loads(files[MANIFEST])["files"]["rules.json"] == voted.round.rules_sha256.hex()
    assert json.loads(files[HEADS]) == (await visitor.get(f"/rounds/{voted.round.id}/log/heads.json")).json()
    meta = files["allocation-1.pb"].decode().partition("PROJECTS")[0]
    for line in ("country;Finland", "unit;Vanajaniemi", "subunit;Lammi", "currency;EUR", "rule;greedy"):
        assert f"\n{line}\n" in meta


async def test_the_bundle_is_kept_and_made_again_to_the_byte_if_it_was_lost(session, visitor, voted):
    await publish(session, voted)
    address = f"/rounds/{voted.round.id}/results/bundle.zip"
    first = (await visitor.get(address)).content
    folder = get_settings().data_dir / "bundles"
    assert [path.name for path in folder.glob(f"{voted.round.id}*")] == [f"{voted.round.id}.zip"]
    await asyncio.to_thread(shutil.rmtree, folder)
    assert (await visitor.get(address)).content == first


async def test_without_the_key_of_the_log_there_is_no_bundle(session, visitor, voted):
    await publish(session, voted)
    key_path("log", voted.round.id).unlink()
    assert (await visitor.get(f"/rounds/{voted.round.id}/results/bundle.zip")).status_code == MissingKey.status
