"""The sections of a `.pb` file, row by row; what is malformed is refused with file and line."""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

SECTIONS = ("META", "PROJECTS", "VOTES")
BLOCK = 1 << 20  # bytes checked at once
Columns = dict[str, int]  # column name → its place in a row


class FileError(ValueError):
    """A file that cannot be read; says where, and what was expected."""

    def __init__(self, file: str | os.PathLike[str], line: int, expected: str) -> None:
        super().__init__(file, line, expected)
        self.file, self.line, self.expected = Path(file), line, expected

    def __str__(self) -> str:
        return f"{one_line(str(self.file))}, line {self.line}: expected {self.expected}."


def one_line(text: str) -> str:
    """The text with line breaks and control characters as spaces: safe in a sentence and on a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def excerpt(text: str) -> str:
    """What the file says, quoted, on one line and not too long."""
    return f"'{one_line(text[:40])}{'…' if len(text) > 40 else ''}'"


def check_text(path: Path) -> None:
    """Raise FileError unless the file can be read and is UTF-8 text without NUL characters."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileError(path, 1, "a file on a disk")
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        with path.open("rb") as file:
            while True:
                block = file.read(BLOCK)
                text = block.partition(b"\0")[0]
                decoder.decode(text, final=not block)
                line += text.count(b"\n")
                if len(text) < len(block):
                    raise FileError(path, line, "text without NUL characters")
                if not block:
                    return
    except UnicodeDecodeError as error:
        line -= error.object.count(b"\n", error.start) - text.count(b"\n")
        found = f"UTF-8 text, found the byte 0x{error.object[error.start]:02x}"
        raise FileError(path, line, found) from error
    except OSError as error:
        raise FileError(path, 1, f"a readable file ({error.strerror})") from error


class Rows:
    """One pass over the rows of a `.pb` file, section by section. Iterates over the rows of the open section.

    `line` is where the latest row starts. Raises FileError on bad CSV, on a section out of order and on a row with
    more or fewer fields than its header. The file is opened as text without newline translation.
    """

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self.line = 1
        self._reader = csv.reader(file, delimiter=";")
        self._width = 0
        self._ahead = self._next()

    def refusal(self, expected: str, line: int | None = None) -> FileError:
        """The error to raise about `line`, or else about the latest row."""
        return FileError(self.path, self.line if line is None else line, expected)

    def open(self, section: str, required: Sequence[str]) -> Columns:
        """Step into the next section, which must be this one with at least these columns."""
        if self._ahead is None or self._ahead != [section]:
            raise self.refusal(f"the section {section}, found {_shown(self._ahead)}")
        header = self._next()
        columns = {name.strip().lower(): place for place, name in enumerate(header or [])}
        if header is None or len(columns) != len(header) or not columns.keys() >= set(required):
            needs = ", ".join(required)
            raise self.refusal(f"a ;-separated header of {section} with the columns {needs}, found {_shown(header)}")
        self._width = len(header)
        self._ahead = self._next()
        return columns

    def __iter__(self) -> Iterator[list[str]]:
        """The rows up to the next section's name or the end of the file."""
        while self._ahead is not None and not (len(self._ahead) == 1 and self._ahead[0] in SECTIONS):
            if len(self._ahead) != self._width:
                raise self.refusal(f"{self._width} fields as in the header, found {len(self._ahead)}")
            yield self._ahead
            self._ahead = self._next()

    @property
    def has_more(self) -> bool:
        """Whether the open section or another one follows; its first row starts at `line`."""
        return self._ahead is not None

    def check_end(self) -> None:
        """Raise FileError unless the file is over."""
        if self._ahead is not None:
            raise self.refusal(f"the end of the file, found {_shown(self._ahead)}")

    def _next(self) -> list[str] | None:
        """The next row that is not empty, or None."""
        try:
            while True:
                start = self._reader.line_num + 1
                row = next(self._reader)
                self.line = start
                if is_filled(row):
                    return row if len(row) > 1 else [row[0].strip()]
        except StopIteration:
            return None
        except csv.Error as error:
            raise self.refusal(f"rows of ;-separated fields ({error})", self._reader.line_num) from error


Fault = Callable[[int, list[str]], str]  # the number of a row in VOTES from 0, its fields → what was expected, or ""


def find_fault(path: Path, fault: Fault) -> FileError | None:
    """Walk through the file row by row for the exact line of what a faster reading found, or of an earlier error."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        try:
            rows = Rows(path, file)
            for section in SECTIONS:
                rows.open(section, ())
                for number, row in enumerate(rows):
                    if section == SECTIONS[-1] and (expected := fault(number, row)):
                        return rows.refusal(expected)
            rows.check_end()
        except FileError as error:
            return error
    return None


def fault_in(path: Path, fault: Fault) -> FileError:
    """The same for a file in which there is one."""
    error = find_fault(path, fault)
    if error is None:
        raise AssertionError(f"{path} changed while it was read")
    return error


def is_filled(row: list[str]) -> bool:
    """Whether a row is more than separators and blanks."""
    return any(field.strip() for field in row)


def _shown(row: list[str] | None) -> str:
    return "the end of the file" if row is None else excerpt(";".join(row))
