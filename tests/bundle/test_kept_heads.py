"""What somebody kept of the log is in the bundle's log, or a split view is named."""

import json
from uuid import uuid4

import pytest

from ballots.seal import verifying_key
from pb.bundle.models import as_json
from pb.verification.service import verify_bundle
from tests.bundle.town import BUNDLE, TOWN, head_over

OTHER_KEY = verifying_key(bytes(32)).hex()
LEAVES_NOW = list(TOWN.leaves)
SPLIT = "Split view: the key of the log signed a head of {} leaves that is not in this log."
KEPT = [
    (head_over(LEAVES_NOW[:7]), None),
    (head_over([]), None),
    (head_over([*LEAVES_NOW[:6], bytes(32)]), SPLIT.format(7)),
    (head_over([*LEAVES_NOW, bytes(32)]), SPLIT.format(36)),
    (head_over(LEAVES_NOW[:7], bytes(32)), "The saved head of 7 leaves is not signed by the key of the log"),
    (head_over(LEAVES_NOW[:7]) | {"round": str(uuid4())}, "The saved head of 7 leaves is of another round."),
    (TOWN.log, None),
    ({**TOWN.log, "key": OTHER_KEY}, "The saved file names another key than the bundle"),
    ({"nothing": 1}, "The saved file cannot be read: "),
    ([], "The saved file cannot be read: "),
]


@pytest.mark.parametrize(("kept", "sentence"), KEPT)
def test_what_somebody_kept_of_the_log_is_in_it_or_a_split_view_is_named(kept, sentence):
    verdict = verify_bundle(BUNDLE, as_json(kept))
    assert (sentence in "\n".join(verdict.faults)) if sentence else verdict.faults == ()


def test_a_copy_of_all_heads_line_by_line_is_compared_too():
    heads = [head_over(LEAVES_NOW[:size]) for size in (1, 2, 3)]
    lines = "".join(json.dumps(head) + "\n" for head in heads).encode()
    assert "The log holds what you saved of it, up to 3 leaves." in verify_bundle(BUNDLE, lines).checked
    lines += as_json(head_over([bytes(32)]))
    assert verify_bundle(BUNDLE, lines).faults == (SPLIT.format(1),)


@pytest.mark.parametrize(("index", "found"), [(3, True), (4, False)])
def test_the_envelope_of_a_kept_receipt_is_in_its_place(index, found):
    receipt = {"leaf": LEAVES_NOW[3].hex(), "index": index, "path": [], "key": TOWN.log["key"]}
    verdict = verify_bundle(BUNDLE, as_json(receipt | {"head": head_over(LEAVES_NOW[:7])}))
    assert (verdict.faults == ()) is found
    assert found or verdict.faults == ("The envelope of the saved receipt is not in its place in the log.",)
