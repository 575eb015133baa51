"""A ballot to practise on before the real one is confirmed: made-up projects under the round's own terms."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from ballots.types import BallotType
from pb.estimates.models import Project
from pb.language import current_language
from pb.language import gettext as _
from pb.rounds.models import Allocation, Round
from pb.rounds.rules import AllocationRules, ProjectRules, Rules

WHOLE_EUROS = 100_00  # costs are made in hundreds


def inventions() -> list[tuple[str, str, int]]:
    """Title and text in the reader's language, and the cost as a percentage of the pocket."""
    return [
        (_("Concerts in the yards"), _("Six concerts in summer, one in each part of the town."), 35),
        (_("A stage by the shore"), _("A small stage that anybody can book, for plays and music."), 45),
        (_("Story hours for children"), _("A storyteller in the library every Saturday in winter."), 15),
        (_("Dances in the afternoon"), _("Live music and dancing for everybody over 65, once a month."), 20),
        (_("A painting under the bridge"), _("Young people plan and paint the wall with an artist."), 25),
        (_("Films under the sky"), _("Four film evenings in the park. Bring a blanket."), 30),
    ]


def sample_allocations() -> list[Allocation]:
    """For a round without allocations: one of each kind of paper that people meet most."""
    kinds = (
        (_("Knapsack"), BallotType.KNAPSACK, None, "greedy"),
        (_("Approval"), BallotType.APPROVAL, 2, "greedy"),
        (_("Ranking"), BallotType.RANKED, 3, "irv"),
    )
    return [
        Allocation(number=n, name=name, amount_cents=20_000_00, ballot_type=kind, max_choices=most, rule=rule)
        for n, (name, kind, most, rule) in enumerate(kinds, start=1)
    ]


def made_up_papers(round_id: UUID, allocations: Sequence[Allocation]) -> tuple[AllocationRules, ...]:
    papers, number = [], 0
    for allocation in allocations:
        projects = []
        for title, _text, share in inventions():
            number += 1
            cost = max(allocation.amount_cents * share // 100 // WHOLE_EUROS * WHOLE_EUROS, 1_00)
            id_ = uuid5(round_id, f"practice {number}")
            projects.append(ProjectRules(id=id_, number=number, title=title, cost_cents=cost))
        papers.append(paper_of(allocation, tuple(projects)))
    return tuple(papers)


def paper_of(allocation: Allocation, projects: tuple[ProjectRules, ...]) -> AllocationRules:
    return AllocationRules(
        number=allocation.number,
        name=allocation.name,
        area_id=allocation.area_id,
        service="-",
        amount_cents=allocation.amount_cents,
        ballot_type=allocation.ballot_type,
        max_choices=allocation.max_choices,
        max_points=allocation.max_points,
        rule=allocation.rule,
        projects=projects,
        tie_order=tuple(p.number for p in projects),
    )


def made_up_rules(round_: Round) -> Rules:
    """The round's pockets, or samples if it has none, each with the same made-up projects."""
    then = datetime.fromtimestamp(0, UTC)
    return Rules(
        round_id=round_.id,
        title=round_.title,
        service="-",
        currency=round_.currency,
        opens=then,
        closes=then,
        seed="",
        allocations=made_up_papers(round_.id, round_.allocations or sample_allocations()),
    )


def made_up_projects(rules: Rules) -> dict[UUID, Project]:
    """Stand-ins for the projects' own texts; they belong to no session and are never saved."""
    texts, language = {title: text for title, text, _share in inventions()}, current_language()
    return {
        p.id: Project(
            id=p.id,
            title=p.title,
            summary=texts[p.title],
            cost_cents=p.cost_cents,
            translations={language: {"title": p.title, "summary": texts[p.title]}},
        )
        for a in rules.allocations
        for p in a.projects
    }
