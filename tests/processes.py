"""Real `pb` processes and real homes for their database: what a person at a terminal has."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This one without our test settings, and with the given ones: city="X" is PB_CITY."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PB_")}
    return plain | {"PB_DATA_DIR": str(home)} | {f"PB_{name.upper()}": value for name, value in settings.items()}


def start(*words: str, env: Mapping[str, str], out: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    """A Python process in a group of its own, as a terminal starts one; all it prints goes to `out`."""
    streams = {"stdout": out, "stderr": subprocess.STDOUT}
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=dict(env), text=True, start_new_session=True, **streams
    )


def run_pb(home: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Run `pb words…` to its end: the exit status and everything it printed."""
    process = start("-m", "pb", *words, env=environment(home, **settings))
    printed, _ = process.communicate(timeout=120)
    return process.returncode, printed.strip()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """What the process prints up to and with the line that contains `word`."""
    printed = ""
    assert process.stdout is not None
    for line in process.stdout:
        printed += line
        if word in line:
            return printed
    raise AssertionError(f"it ended before it said {word!r}: {printed}")
