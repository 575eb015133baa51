"""The `pb` command. Each command imports what it needs, so that `pb tally` starts without a web framework."""

import os
import sys
from pathlib import Path
from uuid import UUID

import click

PHASES = ["ideas", "estimates", "voting", "results"]


@click.group()
def pb() -> None:
    """Kukkaro: participatory budgeting and voting for a city."""


@pb.command()
def serve() -> None:
    """Serve the city's pages on PB_HOST:PB_PORT."""
    from pb.serving import serve_city

    serve_city()


@pb.command()
def migrate() -> None:
    """Bring the database to this version (the embedded one migrates by itself)."""
    from pb.serving import migrate_database

    migrate_database()


@pb.command()
@click.argument("email")
@click.option("--name", default="", help="The administrator's name.")
def admin(email: str, name: str) -> None:
    """Make EMAIL an administrator of the whole city and print a sign-in link."""
    from pb.serving import make_administrator

    make_administrator(email, name)


@pb.command()
@click.option("--phase", type=click.Choice(PHASES), default="voting", help="Where the town's round is frozen.")
@click.option("--port", type=int, default=None, help="The port; default PB_PORT or 8000.")
@click.option("--fresh", is_flag=True, help="Forget the town and build it again.")
def demo(phase: str, port: int | None, fresh: bool) -> None:
    """Serve a believable town, with a sign-in link for each kind of person."""
    from pb.demo.serve import serve_demo

    serve_demo(phase, port, fresh)


@pb.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the PDF; default beside you.")
@click.option("--language", type=click.Choice(["fi", "sv", "en"]), default="en", help="The PDF's language.")
def election(file: Path, out: Path | None, language: str) -> None:
    """Make a round from a Pabulib FILE, cast its every ballot through the box, count, publish, write the PDF."""
    from pb.demo.election import hold_election

    sys.exit(hold_election(file, out, language))


@pb.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--rule", default="auto", help="A rule's name; auto is the one that the file names.")
@click.option("--explain", is_flag=True, help="Say for each project why, and what it would have needed.")
@click.option("--compare", is_flag=True, help="Set the other rules' outcomes beside it.")
@click.option("--ballot", default="", help="Say what a ballot for these ids, separated by commas, paid for.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each file.")
def tally(files: tuple[str, ...], rule: str, explain: bool, compare: bool, ballot: str, as_json: bool) -> None:
    """Count election FILES (.pb, .blt, .csv) without any database."""
    from tally.command import Asked, tally_files

    sys.exit(tally_files(files, Asked(rule, explain, compare, ballot, as_json), sys.stdout))


@pb.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("head", required=False, type=click.Path(path_type=Path))
def verify(bundle: Path, head: Path | None) -> None:
    """Check a round's public BUNDLE offline, and count its ballots again.

    HEAD is what you kept of the round's log: a receipt.json, a heads.json or one head of it.
    """
    from pb.verification.service import verify_bundle

    verdict = verify_bundle(bundle.read_bytes(), head.read_bytes() if head else None)
    click.echo("\n".join(verdict.faults or verdict.checked))
    sys.exit(1 if verdict.faults else 0)


@pb.command()
@click.argument("title")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=".", help="The folder for the files.")
@click.option("--language", type=click.Choice(["fi", "sv", "en"]), default="fi", help="The sheets' language.")
def ceremony(title: str, out: Path, language: str) -> None:
    """Make a key for the round TITLE that three trustees hold in shares on paper; any two open the votes.

    Run it on a computer without a network. Print the sheets, delete their files, and bring ceremony.json to the
    round's page.
    """
    from pb.clock import now
    from pb.trustees.service import hold_ceremony

    out.mkdir(parents=True, exist_ok=True)
    if old := [path.name for path in out.iterdir() if path.name == "ceremony.json" or path.match("share-*.pdf")]:
        raise RuntimeError(f"{', '.join(sorted(old))} exists in {out}. Choose an empty folder.")
    for name, content in hold_ceremony(title, language, now()).items():
        with os.fdopen(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        click.echo(f"wrote {out / name}")
    click.echo("Print the three sheets, hand each to its trustee, and delete their files. ceremony.json is not secret.")


@pb.command("open")
@click.argument("export", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--share", "shares", multiple=True, help="A share's words, or a file that holds them; asked for if missing."
)
def open_(export: Path, shares: tuple[str, ...]) -> None:
    """Open the sealed votes in EXPORT with two trustees' shares; needs no database and shows nobody's choices."""
    from pb.clock import now
    from pb.trustees.service import describe_export, load_export, open_with_shares

    sealed, rules = load_export(export.read_bytes(), now())
    click.echo(describe_export(sealed, rules))
    words = [share if len(share.split()) > 1 else Path(share).read_text("utf-8", "replace") for share in shares]
    while not shares and len(words) < 2:
        words.append(click.prompt(f"The words of share {len(words) + 1}, with spaces between"))
        click.clear()  # the next trustee need not see them
    opened, said = open_with_shares(sealed, rules, words)
    to = export.with_name(f"opened-{opened.round}.json")
    to.touch(0o600)
    to.chmod(0o600)  # it shows every choice by its code before the result is published
    to.write_bytes(opened.as_bytes())
    click.echo(f"{said}\nwrote {to}")


@pb.command()
@click.argument("round_id", metavar="ROUND", type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(round_id: UUID, yes: bool) -> None:
    """Destroy a published round's sealed envelopes and keys, once nobody can appeal. The bundle and the result stay."""
    from pb.serving import forget_city_round

    if not yes:
        click.confirm("The envelopes and keys of this round will be gone for good. Go on?", abort=True)
    forget_city_round(round_id)


def main() -> None:
    """Run the command; what it refuses is a sentence, not a trace."""
    try:
        pb(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (RuntimeError, OSError) as wrong:
        click.echo(f"pb: {wrong}", err=True)
        sys.exit(1)
