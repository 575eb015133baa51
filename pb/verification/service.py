"""`pb verify`: a bundle is checked with nothing but the file; no database, no network."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pb.bundle.rules import RULES, unpack
from pb.verification.forms import read_contents, read_part
from pb.verification.models import Contents, Saved, read_saved
from pb.verification.rules import contents_faults, saved_faults
from tally.sections import excerpt, one_line


@dataclass(frozen=True)
class Verdict:
    """The faults, a sentence each; where there are none, what was checked."""

    faults: tuple[str, ...]
    checked: tuple[str, ...] = ()


def verify_bundle(packed: bytes, kept: bytes | None = None) -> Verdict:
    """Check the bundle, and whether its log holds the heads in the file `kept`."""
    faults: list[str] = []
    saved = None if kept is None else read_part("The saved file", read_saved, kept, faults)
    try:
        files = unpack(packed)
    except ValueError as error:
        return Verdict((*faults, one_line(str(error))))
    bundle = read_contents(files, faults)
    if bundle is not None:
        faults += contents_faults(bundle)
        faults += saved_faults(bundle, saved) if saved else ()
    return Verdict(tuple(faults)) if faults or bundle is None else Verdict((), tuple(checked(bundle, saved)))


def checked(bundle: Contents, saved: Saved | None) -> Iterator[str]:
    """What held, so that people can compare keys and fingerprints with those on the round's pages."""
    counts, codes = bundle.manifest.counts, Counter((code, number) for code, number, _ in bundle.ballots)
    yield f"The bundle of {excerpt(bundle.rules.title)}, round {bundle.manifest.round}, holds in all that was checked."
    yield f"The key of the log, which signed it: {bundle.log.key}"
    yield f"The fingerprint of the rules: {bundle.manifest.files[RULES]}"
    yield f"The last of {len(bundle.log.heads)} heads of the log: {bundle.log.heads[-1].root}"
    yield f"{counts.final} ballots, {counts.superseded} superseded and {counts.void} void = {counts.log} in the log."
    for code in sorted({code for (code, _), times in codes.items() if times > 1}):
        yield f"The code {code} stands on more than one ballot; all of them are counted."
    for allocation, result in zip(bundle.rules.allocations, bundle.results, strict=True):
        name = f"Allocation {allocation.number}, {excerpt(allocation.name)}"
        if why := bundle.withheld.get(allocation.number):
            yield f"{name}: its result was not counted again; its ballots are withheld ({why})."
        else:
            yield f"{name}: {result.voters} ballots counted again by {allocation.rule}, the same result."
    if saved:
        yield f"The log holds what you saved of it, up to {max((head.size for head in saved.heads), default=0)} leaves."
