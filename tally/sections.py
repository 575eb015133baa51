"""The sections of a `.pb` file, row by row; what is malformed is refused with file and line."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

SECTIONS = ("META", "PROJECTS", "VOTES")
Columns = dict[str, int]  # column name → its place in a row


class PabulibError(ValueError):
    """A file that cannot be read as Pabulib `.pb`; says where, and what was expected."""

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


class Rows:
    """One pass over the rows of a `.pb` file, section by section. Iterates over the rows of the open section.

    `line` is where the latest row starts. Raises PabulibError on what is not UTF-8, on a NUL character, on bad
    CSV, on a section out of order and on a row with more or fewer fields than its header.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.line = 1
        self._reader = csv.reader(self._lines(file), delimiter=";")
        self._width = 0
        self._ahead = self._next()

    def refusal(self, expected: str, line: int | None = None) -> PabulibError:
        """The error to raise about `line`, or else about the latest row."""
        return PabulibError(self.path, self.line if line is None else line, expected)

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

    def check_end(self) -> None:
        """Raise PabulibError unless the file is over."""
        if self._ahead is not None:
            raise self.refusal(f"the end of the file, found {_shown(self._ahead)}")

    def _next(self) -> list[str] | None:
        """The next row that is not empty, or None."""
        try:
            while True:
                start = self._reader.line_num + 1
                row = next(self._reader)
                self.line = start
                if any(field.strip() for field in row):
                    return row if len(row) > 1 else [row[0].strip()]
        except StopIteration:
            return None
        except csv.Error as error:
            raise self.refusal(f"rows of ;-separated fields ({error})", self._reader.line_num) from error

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise self.refusal(f"UTF-8 text, found the byte 0x{line[error.start]:02x}", number) from error
            if "\0" in text:
                raise self.refusal("text without NUL characters", number)
            yield text


def _shown(row: list[str] | None) -> str:
    return "the end of the file" if row is None else excerpt(";".join(row))
