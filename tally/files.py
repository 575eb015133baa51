"""Elections in files of any kind we read: `.pb`, `.blt` and `.csv`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tally.blt import read_blt
from tally.csvfile import read_csv
from tally.election import Election, ProjectId
from tally.pabulib import read_pabulib
from tally.profile import Kind, Profile
from tally.rules import rule_for
from tally.sections import FileError

CSV_RULES = {Kind.APPROVAL: "greedy", Kind.POINTS: "greedy", Kind.RANKED: "rank-points"}


@dataclass(frozen=True, slots=True)
class ElectionFile:
    """An election and its votes as a file holds them. `label`: the rule it names, Pabulib's name or ours.

    `selected` is the published outcome, None where the file gives none.
    """

    election: Election
    profile: Profile
    label: str
    title: str = ""
    currency: str = ""
    selected: frozenset[ProjectId] | None = None
    titles: dict[ProjectId, str] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the titles at hand."""
        object.__setattr__(self, "titles", {project.id: project.title for project in self.election.projects})

    @property
    def rule(self) -> str:
        """Our name of the rule. Raises Unsupported when we have none like it."""
        label = "greedy" if self.label == "greedy-threshold" and not self.election.min_votes else self.label
        return rule_for(label, self.profile.kind)


def read_file(path: Path) -> ElectionFile:
    """Read by the name's ending. Raises FileError on another ending and on anything malformed.

    A `.blt` is counted by STV, or by instant-runoff for one seat; a `.csv` by most votes or points first.
    """
    match path.suffix.lower():
        case ".blt":
            blt = read_blt(path)
            label = "irv" if blt.election.budget == 1 else "stv"
            return ElectionFile(blt.election, blt.profile, label, blt.title)
        case ".csv":
            election, profile = read_csv(path)
            return ElectionFile(election, profile, CSV_RULES[profile.kind])
        case ".pb":
            file = read_pabulib(path)
            selected = frozenset(file.selected) if file.has_selected else None
            title = file.meta.get("description", "")
            return ElectionFile(file.election, file.profile, file.rule, title, file.currency, selected)
    raise FileError(path, 1, "a file whose name ends in .pb, .blt or .csv")
