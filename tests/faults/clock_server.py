"""The app as it runs, but its clock is wrong: by so many seconds, or it jumps from one such error to the next.

`python -m tests.faults.clock_server URL SECONDS…` prints the port that it serves.
"""

import socket
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

import uvicorn

from pb import clock

STEP = 0.05  # seconds from one jump to the next


def set_clock(errors: Sequence[float]) -> None:
    right = clock.now

    def now() -> datetime:
        return right() + timedelta(seconds=errors[int(monotonic() / STEP) % len(errors)])

    clock.now = now


def main(url: str, *errors: str) -> None:
    set_clock([float(error) for error in errors])
    from pb.app import serve_app  # only now: its pages keep the function that tells the time

    with socket.create_server(("127.0.0.1", 0)) as bound:
        print(bound.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(serve_app(url), log_config=None, access_log=False)).run(sockets=[bound])


if __name__ == "__main__":
    main(*sys.argv[1:])
