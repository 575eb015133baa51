"""Who may import whom: the layers of the design, read from the sources."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("pb", "ballots", "tally", "tests")
ORDER = [
    "people",
    "city",
    "notices",
    "rounds",
    "pictures",
    "ideas",
    "supports",
    "comments",
    "estimates",
    "versions",
    "merging",
    "appeals",
    "rehearsal",
    "trustees",
    "confirmation",
    "translating",
    "roll",
    "traffic",
    "booth",
    "voting",
    "log",
    "receipts",
    "kiosk",
    "opening",
    "results",
    "bundle",
    "verification",
    "forgetting",
    "delivery",
    "practice",
    "search",
    "journey",
    "feedback",
    "front",
    "demo",
]
APART = ["told"]  # no noun of the process: it only turns counts into words, and knows no folder
NAMES = ["models", "rules", "queries", "service", "forms", "pages"]
# Inside a folder a file imports only those before it; rules stand beside queries, both on models alone.
BEFORE = {
    "models": (),
    "rules": ("models",),
    "forms": ("models", "rules"),
    "queries": ("models", "rules"),
    "service": ("models", "rules", "forms", "queries"),
    "pages": ("models", "rules", "forms", "queries", "service"),
}
# Root modules that know folders. `dependencies` hands every page the signed-in person, so it knows what a
# person is and nothing more; the others put the whole together.
KNOWING = {
    "pb.app": ORDER,
    "pb.cli": ORDER,
    "pb.serving": ORDER,
    "pb.migrations.env": ORDER,
    "pb.dependencies": ["people"],
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for folder in OURS for path in sorted((ROOT / folder).rglob("*.py"))}


def imports_of(module: str) -> Iterator[str]:
    """The modules a module imports, wherever in it; `from pb.city import queries` is pb.city.queries."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)


def top(module: str) -> str:
    return module.partition(".")[0]


def folder_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "pb" and len(parts) > 1 and parts[1] in ORDER else None


def modules(*folders: str) -> list[str]:
    return [module for module in MODULES if top(module) in folders]


@pytest.mark.parametrize(
    ("folder", "ours", "others"),
    [
        ("tally", {"tally"}, {"numpy", "pyrankvote"}),
        ("ballots", {"ballots", "tally.election"}, {"cryptography", "shamir_mnemonic", "sqlalchemy"}),
        ("pb", {"pb", "ballots", "tally"}, None),
    ],
)
def test_packages_know_only_those_below(folder, ours, others):
    for module in modules(folder):
        for imported in imports_of(module):
            if top(imported) in OURS:
                assert imported in ours or top(imported) in ours, f"{module} imports {imported}"
            elif others is not None:
                assert top(imported) in others | sys.stdlib_module_names, f"{module} imports {imported}"


def may_import(module: str, imported: str) -> bool:
    """Whether a module inside pb may import another one inside pb that lies in a folder."""
    mine, theirs = folder_of(module), folder_of(imported)
    assert theirs is not None
    if mine is None:
        return theirs in KNOWING.get(module, ())
    if mine == theirs:
        here, there = module.split(".")[2], imported.split(".")[2]
        return mine == "demo" or there in BEFORE[here]
    if module.endswith(".pages") and imported.endswith(".queries"):
        return True
    return ORDER.index(theirs) < ORDER.index(mine)


@pytest.mark.parametrize("module", modules("pb"))
def test_folders_look_back_only(module):
    for imported in imports_of(module):
        if folder_of(imported):
            assert may_import(module, imported), f"{module} imports {imported}"


def test_a_folder_has_at_most_the_six_files():
    for module in modules("pb"):
        if (folder := folder_of(module)) and folder != "demo":
            assert module.split(".")[2:] in [[], *([name] for name in NAMES)], module


def test_every_folder_has_its_place_in_the_order():
    folders = {path.parent.name for path in (ROOT / "pb").glob("*/__init__.py")}
    assert folders == {*ORDER, *APART}


def test_rules_and_counting_know_no_web_no_database_and_no_template():
    for module in (m for m in MODULES if m.startswith("tally.") or (folder_of(m) and m.endswith(".rules"))):
        heavy = {top(imported) for imported in imports_of(module)} & {"litestar", "sqlalchemy", "jinja2", "asyncpg"}
        assert not heavy, f"{module} imports {heavy}"


def test_only_the_seal_knows_cryptography():
    knowing = [m for m in modules("pb", "ballots", "tally") if "cryptography" in map(top, imports_of(m))]
    assert knowing == ["ballots.seal"]


def test_the_ballot_box_stays_small():
    assert sum(len(MODULES[m].read_text("utf-8").splitlines()) for m in modules("ballots")) < 900
