"""Each figure comes from a process of its own: imports done before the clock starts, peak memory from the system."""

import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers" / "bin" / "python"  # with pabutools, made by `./run bench`
DATA = ROOT.parent / "shared" / "data" / "pabulib"


def in_process(module, name, *words, python=sys.executable):
    """What `module`'s function `name` gave when called with `words` in a new process: seconds, peak MB, and more."""
    code = f"import {module} as m; m.report(m.{name}, *{words!r})" if python == sys.executable else None
    command = [python, "-c", code] if code else [str(python), str(ROOT / module), name, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} {name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def report(function, *words, times=5):
    """Call it several times and print the median of the seconds, the peak memory and what it returned last."""
    seconds = []
    for _ in range(times):
        started = perf_counter()
        result = function(*words)
        seconds.append(perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": statistics.median(seconds), "peak": peak, "result": result}))


def line(what, ours, peer, wanted, note=""):
    """One line: how many times faster ours is than the peer, or how many times slower than a bare loop."""
    ratio = peer["seconds"] / ours["seconds"]
    good = "ok" if ratio >= wanted else "BELOW"
    print(
        f"{what:58} ours {ours['seconds'] * 1000:9.1f} ms {ours['peak']:6.0f} MB   "
        f"peer {peer['seconds'] * 1000:10.1f} ms {peer['peak']:6.0f} MB   "
        f"{ratio:7.2f}x  (wanted {wanted:g}x) {good} {note}".rstrip(),
        flush=True,
    )
