"""Keys in files of their own, and signatures that no other purpose accepts."""

import threading
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pb.errors import MissingKey
from pb.keys import key_path, make_key, read_key, sign, unsign, write_key

words = st.text(max_size=20)


@given(words)
def test_what_was_signed_is_read_back(text):
    assert unsign("ticket", sign("ticket", text)) == text


@given(words, words)
def test_nothing_else_is(text, other):
    assert unsign("ticket", text) is None
    assert unsign("voter", sign("ticket", text)) is None
    if other != text:
        assert unsign("ticket", sign("ticket", text).replace(text, other, 1)) is None or not text


def test_of_writers_at_once_the_first_wins(tmp_path):
    path, got = tmp_path / "secrets" / "web.key", set()
    writers = [threading.Thread(target=lambda n=n: got.add(write_key(path, bytes([n]) * 32))) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert got == {path.read_bytes()}
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


def test_a_key_is_made_once(tmp_path):
    assert make_key("test") == make_key("test") == key_path("test").read_bytes()
    assert write_key(tmp_path / "a.key", b"old") == b"old"
    assert write_key(tmp_path / "a.key", b"new", replace=True) == b"new"


def test_a_missing_key_is_not_made_and_the_log_names_it(caplog):
    round_id = uuid4()
    with pytest.raises(MissingKey):
        read_key("box", round_id)
    assert not key_path("box", round_id).exists()
    assert f"the key 'box' of round {round_id}" in caplog.text
    assert make_key("box", round_id) == read_key("box", round_id)
