"""Who gets in where: every route of the app has a line here, and a route without one fails."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from litestar.routes import HTTPRoute

from ballots.types import BallotType
from pb.app import make_app
from pb.appeals.models import Appeal
from pb.city.models import Appointment
from pb.comments.models import Comment
from pb.confirmation.service import confirm_ballot
from pb.feedback.models import Feedback
from pb.ideas.models import IdeaState
from pb.merging.models import Merge
from pb.people.models import Person, ShownName
from pb.permissions import Phase, Role
from pb.versions.models import CoAuthor
from tests.cast import (
    DAY,
    NOW,
    make_allocation,
    make_area,
    make_idea,
    make_person,
    make_projects,
    make_round,
    make_service,
)
from tests.visitor import words

NOBODY, RESIDENT, STRANGER, FORMER = "signed out", "resident", "another service's officer", "former officer"
ESTIMATOR, CLERK, OFFICER, COUNCILLOR = "estimator", "clerk", "officer", "councillor"
AUDITOR, ADMINISTRATOR = "auditor", "administrator"
CAST = [NOBODY, RESIDENT, STRANGER, FORMER, ESTIMATOR, CLERK, OFFICER, COUNCILLOR, AUDITOR, ADMINISTRATOR]
EVERYBODY = set(CAST)
IN_OFFICE = EVERYBODY - {NOBODY, RESIDENT, FORMER}
SIGNED_IN = EVERYBODY - {NOBODY}
READERS = {ESTIMATOR, CLERK, OFFICER, AUDITOR}
ROUND = "/rounds/{round_id:uuid}"

GETS = {
    "/": EVERYBODY,
    "/secrecy": EVERYBODY,
    "/sign-in": EVERYBODY,
    "/sign-in/{token:str}": EVERYBODY,
    "/city": EVERYBODY,
    "/notices": SIGNED_IN,
    "/notices/stop/{token:str}": set(),  # whoever has a signed link: tests/notices
    "/calendar.ics": EVERYBODY,
    "/fonts/{name:str}": EVERYBODY,
    "/static/{file_path:path}": EVERYBODY,
    "/leaflet/{file_path:path}": EVERYBODY,
    "/city/areas.json": EVERYBODY,
    "/desk": IN_OFFICE,
    "/desk/audit": {AUDITOR},
    "/desk/rounds/{round_id:uuid}": READERS,
    "/desk/feedback": {ADMINISTRATOR},
    "/accessibility": EVERYBODY,
    "/feedback": EVERYBODY,
    "/people": {ADMINISTRATOR},
    "/city/{kind:str}/new": {ADMINISTRATOR},
    "/city/{kind:str}/{key:uuid}": {ADMINISTRATOR},
    "/rounds/new": {OFFICER, STRANGER},
    ROUND: EVERYBODY,
    f"{ROUND}/rules.json": EVERYBODY,
    f"{ROUND}/feed.atom": EVERYBODY,
    f"{ROUND}/phases.ics": EVERYBODY,
    "/ideas/{idea_id:uuid}/feed.atom": EVERYBODY,
    f"{ROUND}/edit": {OFFICER},
    f"{ROUND}/money": {OFFICER, AUDITOR},
    f"{ROUND}/money/{{key:uuid}}": {OFFICER},
    f"{ROUND}/confirm": {OFFICER, AUDITOR},
    f"{ROUND}/amend/extend": {OFFICER},
    f"{ROUND}/amend/withdraw/{{key:uuid}}": {OFFICER},
    f"{ROUND}/amend/correct/{{key:uuid}}": {OFFICER},
    f"{ROUND}/translations": {OFFICER},
    f"{ROUND}/ideas": EVERYBODY,
    f"{ROUND}/ideas/pins.json": EVERYBODY,
    "/ideas/{idea_id:uuid}/place.json": READERS,
    f"{ROUND}/ideas/new": EVERYBODY,
    f"{ROUND}/ideas/enter": {CLERK, OFFICER},
    f"{ROUND}/ideas/similar": EVERYBODY,
    "/ideas/{idea_id:uuid}/send": READERS,  # the draft, as below
    "/ideas/{idea_id:uuid}/draft": READERS,  # leads to the idea once it is sent; before: tests/ideas/test_drafts.py
    "/ideas/{idea_id:uuid}/pictures/{name:str}": set(),  # whose who reads the idea: tests/pictures
    "/me": SIGNED_IN,
    "/ideas/{idea_id:uuid}": READERS,  # of one that is not published yet
    "/ideas/{idea_id:uuid}/decide": {CLERK, OFFICER},
    "/ideas/{idea_id:uuid}/history": EVERYBODY,
    "/ideas/{idea_id:uuid}/text": {RESIDENT},  # whose idea it is
    "/ideas/{idea_id:uuid}/authors": {RESIDENT},
    "/ideas/{idea_id:uuid}/join": {RESIDENT},  # who was asked to
    "/ideas/{idea_id:uuid}/merge": {CLERK, OFFICER},
    "/ideas/{idea_id:uuid}/appeal": {RESIDENT},  # whose idea was refused
    "/ideas/{idea_id:uuid}/appeal/answer": {OFFICER},
    f"{ROUND}/delivery": set(),  # everybody's, once the result is published: tests/delivery
    f"{ROUND}/delivery/{{key:uuid}}": set(),
    "/ideas/{idea_id:uuid}/comments": EVERYBODY,
    "/ideas/{idea_id:uuid}/report": SIGNED_IN,
    "/ideas/{idea_id:uuid}/moderate": {CLERK, OFFICER},
    "/comments/{comment_id:uuid}/answer": SIGNED_IN,
    "/comments/{comment_id:uuid}/report": SIGNED_IN,
    "/comments/{comment_id:uuid}/moderate": {CLERK, OFFICER},
    "/comments/{comment_id:uuid}/take-back": {RESIDENT},  # who wrote it
    "/ideas/{idea_id:uuid}/estimate": {ESTIMATOR, OFFICER},
    f"{ROUND}/roll": {CLERK, OFFICER, AUDITOR},
    f"{ROUND}/traffic": {OFFICER, AUDITOR},
    f"{ROUND}/vote": EVERYBODY,  # the voting code decides: tests/voting
    f"{ROUND}/vote/area": EVERYBODY,
    f"{ROUND}/vote/ballot": EVERYBODY,
    f"{ROUND}/vote/cast": EVERYBODY,
    f"{ROUND}/vote/review": EVERYBODY,
    f"{ROUND}/vote/receipt": EVERYBODY,
    f"{ROUND}/kiosk": {CLERK, OFFICER},
    **{f"{ROUND}/try{page}": EVERYBODY for page in ("", "/review", "/done")},
    f"{ROUND}/vote/receipt.json": set(),  # a voter's own: tests/log
    f"{ROUND}/log": set(),  # everybody's, from the day the ballot is confirmed: tests/log
    f"{ROUND}/log/heads.json": set(),
    f"{ROUND}/log/leaves.txt": set(),
    f"{ROUND}/key": {OFFICER, AUDITOR},
    f"{ROUND}/key/rehearsal.json": set(),  # once there is a ceremony: tests/trustees
    f"{ROUND}/opening": {OFFICER, AUDITOR},
    f"{ROUND}/forgotten.json": set(),  # everybody's, once it is forgotten: tests/forgetting
    f"{ROUND}/count": {OFFICER, AUDITOR},
    f"{ROUND}/results": EVERYBODY,
    f"{ROUND}/results/{{number:int}}": {OFFICER, AUDITOR},  # of a count that is not published yet
    f"{ROUND}/results/ballot": set(),  # everybody's once it is published: tests/results
    f"{ROUND}/results/report-fi.pdf": set(),
    f"{ROUND}/results/report-sv.pdf": set(),
    f"{ROUND}/results/report-en.pdf": set(),
    f"{ROUND}/results/bundle.zip": set(),  # everybody's, once the result is published: tests/bundle
}
AREA = {"name": "Uusi", "population": "5", "population_date": "2026-01-01", "population_source": "Tilastokeskus"}
VOTING = {"voting_opens": "2030-01-01T10:00", "voting_closes": "2030-02-01T10:00"}
PLACE = {"name": "Tasku", "amount": "500", "ballot_type": "approval", "max_choices": "2", "rule": "greedy"}
POSTS = {
    "/sign-in": (EVERYBODY, {"email": "a@example.fi"}),
    "/feedback": (EVERYBODY, {"text": "Kartta ei aukea."}),
    "/notices": (SIGNED_IN, {"pace": "weekly"}),
    "/notices/unfollow/{key:uuid}": (SIGNED_IN, {}),
    **{f"{ROUND}/{act}": (SIGNED_IN, {}) for act in ("follow", "unfollow")},
    "/desk/feedback/{key:uuid}": ({ADMINISTRATOR}, {"answer": "Korjattu."}),
    "/people": ({ADMINISTRATOR}, {"name": "Ulla", "email": "u@example.fi", "role": "clerk", "scope": "city"}),
    "/people/appointments/{key:uuid}/end": ({ADMINISTRATOR}, {}),
    "/city/{kind:str}/new": ({ADMINISTRATOR}, AREA),
    "/city/{kind:str}/{key:uuid}": ({ADMINISTRATOR}, AREA | {"name": "Toinen"}),
    "/rounds/new": ({OFFICER}, {"title": "Uusi", "service_id": "{service}", **VOTING}),
    f"{ROUND}/edit": ({OFFICER}, {"title": "Uusi", "service_id": "{service}", **VOTING}),
    f"{ROUND}/money": ({OFFICER}, {"service_id": "{service}", **PLACE}),
    f"{ROUND}/money/share": ({OFFICER}, {"total": "1 000", **PLACE}),
    f"{ROUND}/money/{{key:uuid}}": ({OFFICER}, {"service_id": "{service}", **PLACE, "name": "Toinen"}),
    f"{ROUND}/money/{{key:uuid}}/remove": ({OFFICER}, {}),
    f"{ROUND}/confirm": ({OFFICER}, {}),
    f"{ROUND}/amend/extend": ({OFFICER}, {"closes": "{closes}", "reason": "Sähkökatko"}),
    f"{ROUND}/amend/withdraw/{{key:uuid}}": ({OFFICER}, {"reason": "Rakennus suljettiin"}),
    f"{ROUND}/amend/correct/{{key:uuid}}": ({OFFICER}, {"summary": "Uusi", "reason": "Kirjoitusvirhe"}),
    f"{ROUND}/translations": ({OFFICER}, {}),
    f"{ROUND}/ideas/enter": ({CLERK, OFFICER}, {"title": "Idea", "description": "Konsertteja", "origin": "paper"}),
    **{f"/ideas/{{idea_id:uuid}}/{act}": (set(), {"title": "Toinen"}) for act in ("draft", "send", "delete")},
    "/me": (SIGNED_IN, {"name": "Uusi", "language": "sv"}),
    f"{ROUND}/ideas/new": (EVERYBODY - {NOBODY}, {"title": "Idea", "description": "Konsertteja"}),
    "/ideas/{idea_id:uuid}/decide": ({CLERK, OFFICER}, {"decision": "publish"}),
    "/ideas/{idea_id:uuid}/text": ({RESIDENT}, {"title": "Uusi", "description": "Uusi teksti."}),
    "/ideas/{idea_id:uuid}/authors": ({RESIDENT}, {"email": "kaveri@example.fi"}),
    "/ideas/{idea_id:uuid}/authors/{key:uuid}/remove": ({RESIDENT}, {}),
    "/ideas/{idea_id:uuid}/join": ({RESIDENT}, {"answer": "accept"}),
    "/ideas/{idea_id:uuid}/merge": ({CLERK, OFFICER}, {"into": "{published}", "reason": "Sama asia"}),
    "/ideas/{idea_id:uuid}/unmerge": ({CLERK, OFFICER}, {}),
    "/ideas/{idea_id:uuid}/appeal": ({RESIDENT}, {"text": "Kuuluu kaupungille."}),
    "/ideas/{idea_id:uuid}/appeal/answer": ({OFFICER}, {"outcome": "stands", "answer": "Ei kuulu."}),
    f"{ROUND}/delivery/{{key:uuid}}": (set(), {"state": "done", "spent": "100"}),
    **{f"/ideas/{{idea_id:uuid}}/{act}": (SIGNED_IN, {}) for act in ("support", "support/remove")},
    **{f"/ideas/{{idea_id:uuid}}/{act}": (SIGNED_IN, {}) for act in ("follow", "unfollow")},
    "/ideas/{idea_id:uuid}/comments": (SIGNED_IN, {"text": "Hyvä idea."}),
    "/ideas/{idea_id:uuid}/report": (SIGNED_IN, {"reason": "Mainos"}),
    "/ideas/{idea_id:uuid}/moderate": ({CLERK, OFFICER}, {"decision": "keep"}),
    "/comments/{comment_id:uuid}/answer": (SIGNED_IN, {"text": "Samaa mieltä."}),
    "/comments/{comment_id:uuid}/report": (SIGNED_IN, {"reason": "Mainos"}),
    "/comments/{comment_id:uuid}/moderate": ({CLERK, OFFICER}, {"decision": "keep"}),
    "/comments/{comment_id:uuid}/take-back": ({RESIDENT}, {}),
    "/ideas/{idea_id:uuid}/estimate": ({ESTIMATOR, OFFICER}, {"feasible": "no", "reason": "Ei kuulu"}),
    f"{ROUND}/roll": ({CLERK, OFFICER}, {"number": "1"}),
    f"{ROUND}/kiosk": ({CLERK, OFFICER}, {"on": "no"}),
    **{f"{ROUND}/try{page}": (EVERYBODY, {}) for page in ("", "/review", "/done")},
    f"{ROUND}/roll/replace": ({CLERK, OFFICER}, {"code": "ABCD-EFGH-JKMN"}),
    f"{ROUND}/key": ({OFFICER}, {}),
    f"{ROUND}/key/service": ({OFFICER}, {}),
    f"{ROUND}/key/rehearsal": ({OFFICER}, {}),
    **{f"{ROUND}/opening/{act}": ({OFFICER}, {}) for act in ("close", "ask", "open", "export.json", "opened")},
    f"{ROUND}/count/ballots": ({OFFICER}, {}),
    f"{ROUND}/count/publish": ({OFFICER}, {}),
    f"{ROUND}/count/reports": ({OFFICER}, {}),
    f"{ROUND}/results/ballot": (set(), {"code": "0000-0000-0000-0"}),
    "/sign-out": (EVERYBODY, {}),
}
# Let in by the voting code or by the link's token; tests/voting and tests/people have them.
VOTE_POSTS = ("", "/area", "/ballot", "/review", "/cast", "/more", "/receipt", "/leave")
STOP = "/notices/stop/{token:str}"
BY_SECRET = {"/sign-in/{token:str}", STOP, f"{STOP}/pace", *(f"{ROUND}/vote{page}" for page in VOTE_POSTS)}
# An empty form is theirs to fill in; what they may not write in it is refused.
TALK = (
    "/ideas/{idea_id:uuid}/comments",
    "/ideas/{idea_id:uuid}/report",
    "/comments/{comment_id:uuid}/answer",
    "/comments/{comment_id:uuid}/report",
)
OWN_FORM = {*((route, NOBODY) for route in TALK), ("/rounds/new", STRANGER), (f"{ROUND}/ideas/new", NOBODY)}
ABOUT_PUBLISHED = ("feed.atom", "estimate", "follow", "unfollow", "comments", "report", "moderate")
LIVES = {"history": "published", "text": "own", "authors": "own", "join": "asked", "merge": "alike"}
LIVES |= {"unmerge": "merged", "appeal/answer": "appealed", "appeal": "refused"}
CONFIRMED = ("amend", "rules.json", "opening", "count", "vote", "results")


@dataclass(frozen=True)
class Stage:
    """A round of culture services with something of everything, another one that is confirmed, and the cast."""

    people: dict[str, Person | None]
    ids: dict[str, str]

    def path(self, route: str) -> str:
        ids = self.ids
        confirmed = any(f"/{word}" in route for word in CONFIRMED)
        idea = "published" if any(f"/{word}" in route for word in ABOUT_PUBLISHED) else "submitted"
        idea = "open idea" if "/support" in route else idea
        idea = next((name for part, name in LIVES.items() if f"{{idea_id:uuid}}/{part}" in route), idea)
        key = "project" if "amend" in route else "allocation" if "money" in route else "area"
        key = "appointment" if "appointments" in route else "feedback" if "feedback" in route else key
        changes = {
            "{round_id:uuid}": ids["taking ideas" if "/ideas/new" in route else "confirmed" if confirmed else "draft"],
            "{idea_id:uuid}": ids[idea],
            "{comment_id:uuid}": ids["comment"],
            "{key:uuid}": ids[key],
            "{kind:str}": "area",
            "{token:str}": "abc",
            "{name:str}": "atkinson-regular.woff2",
            "{number:int}": "1",
            "/leaflet/{file_path:path}": "/leaflet/leaflet.css",
            "{file_path:path}": "kukkaro.css",
        }
        for name, value in changes.items():
            route = route.replace(name, value)
        return route

    def form(self, route: str) -> dict[str, str]:
        return {name: value.format_map(self.ids) for name, value in POSTS[route][1].items()}


async def make_lives(session, draft, ideas_now, resident, author) -> dict[str, UUID]:
    """The resident's own idea, one she is asked to join, refused ones with and without an appeal, merged ones."""
    own, asked = await make_idea(session, ideas_now, resident), await make_idea(session, ideas_now, author)
    session.add(CoAuthor(idea_id=asked.id, person_id=resident.id, invited_at=NOW))
    refused = await make_idea(session, draft, resident, state=IdeaState.REFUSED)
    appealed = await make_idea(session, draft, author, state=IdeaState.REFUSED)
    appeal = {"person_id": author.id, "against": "refusal", "decided_at": appealed.decided_at, "at": NOW}
    session.add(Appeal(idea_id=appealed.id, text="Kuuluu kaupungille.", **appeal))
    alike, into = await make_idea(session, draft, author), await make_idea(session, draft, author)
    merged = await make_idea(session, draft, author, state=IdeaState.MERGED, merged_into=into)
    session.add(Merge(idea_id=merged.id, into_id=into.id, reason="Sama asia.", at=NOW))
    named = {"own": own, "asked": asked, "refused": refused, "appealed": appealed, "alike": alike, "merged": merged}
    return {name: idea.id for name, idea in named.items()}


@pytest.fixture
async def stage(session) -> Stage:
    culture, sports = await make_service(session), await make_service(session, "Liikuntapalvelut")
    area = await make_area(session)
    people: dict[str, Person | None] = {NOBODY: None, RESIDENT: await make_person(session, "Raija")}
    people[STRANGER] = await make_person(session, "Leo", Role.OFFICER, sports)
    people[FORMER] = await make_person(session, "Ferdinand", Role.OFFICER, culture)
    people[FORMER].appointments[0].ended_at = NOW - DAY
    for role in (ESTIMATOR, CLERK, OFFICER):
        people[role] = await make_person(session, role.title(), Role(role), culture)
    for role in (COUNCILLOR, AUDITOR, ADMINISTRATOR):
        people[role] = await make_person(session, role.title(), Role(role))
    author = await make_person(session, "Ansa")
    draft = await make_round(session, culture, Phase.ESTIMATES)
    ideas_now = await make_round(session, culture, Phase.IDEAS)
    allocation = await make_allocation(session, draft, 1, area)
    submitted = await make_idea(session, draft, author, state=IdeaState.SUBMITTED)
    published = await make_idea(session, draft, author)
    open_idea = await make_idea(session, ideas_now, author)  # nobody changes the dates of its round
    confirmed = await make_round(session, culture, Phase.ESTIMATES)
    confirmed.allocations.append(await make_allocation(session, confirmed, 1, area, BallotType.APPROVAL))
    (project,) = await make_projects(session, confirmed.allocations[0], 100)
    await session.commit()
    await confirm_ballot(session, people[OFFICER], confirmed.id, NOW)
    await session.commit()
    ids = {"draft": draft.id, "confirmed": confirmed.id, "taking ideas": ideas_now.id, "service": culture.id}
    ids |= {"area": area.id, "allocation": allocation.id, "project": project.id}
    ids |= {"submitted": submitted.id, "published": published.id, "closes": (NOW + 20.5 * DAY).isoformat()}
    ids["open idea"] = open_idea.id
    ids |= await make_lives(session, draft, ideas_now, people[RESIDENT], author)
    appointment = Appointment(person_id=author.id, role=Role.SECRETARY, started_at=NOW)
    session.add(appointment)
    feedback = Feedback(at=NOW, page="", text="Kartta ei aukea.", language="fi")
    session.add(feedback)
    await session.commit()
    ids["feedback"] = feedback.id
    comment = Comment(
        idea_id=published.id, person_id=people[RESIDENT].id, shown_name=ShownName.AREA, text="Kannatan.", at=NOW
    )
    session.add(comment)
    await session.commit()
    ids["comment"] = comment.id
    return Stage(people, {name: str(value) for name, value in (ids | {"appointment": appointment.id}).items()})


def is_refused(answer) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?then=")
    return to_sign_in or answer.status_code in (401, 403, 404)


def test_every_route_has_its_rule():
    routes = [route for route in make_app(None).routes if isinstance(route, HTTPRoute)]
    found = {(method, route.path) for route in routes for method in route.methods if method not in ("HEAD", "OPTIONS")}
    assert found == {("GET", path) for path in GETS} | {("POST", path) for path in {*POSTS, *BY_SECRET}}


@pytest.mark.parametrize("who", CAST)
async def test_a_page_lets_in_its_own_people_only(stage, visit, who):
    browser = await visit(stage.people[who])
    answers = {route: await browser.get(stage.path(route)) for route in GETS if "/results/" not in route}
    wrong = {r: a.status_code for r, a in answers.items() if is_refused(a) == (who in GETS[r]) or a.status_code >= 500}
    assert wrong == {}


@pytest.mark.parametrize("who", CAST)
async def test_an_act_is_refused_to_all_others_with_any_form(stage, visit, who):
    browser = await visit(stage.people[who])
    let_in = {}
    for route, (may, _form) in POSTS.items():
        for form in ({}, stage.form(route)) if who not in may else ():  # an empty one must not slip past the rule
            answer = await browser.post(stage.path(route), form)
            own_form = answer.status_code == 422 and (route, who) in OWN_FORM
            if not is_refused(answer) and not own_form:
                let_in[route] = answer.status_code
    assert let_in == {}


EXPECTED = {f"{ROUND}/count/{act}": 409 for act in ("ballots", "publish", "reports")}  # voting has not been yet
EXPECTED |= {f"{ROUND}/opening/{act}": 409 for act in ("close", "ask", "open", "export.json", "opened")}
EXPECTED |= {f"{ROUND}/try{page}": 200 for page in ("", "/review", "/done")}
EXPECTED |= {f"{ROUND}/{page}": 422 for page in ("key", "key/rehearsal")}  # no file was sent
EXPECTED |= {f"{thing}/report": 200 for thing in ("/ideas/{idea_id:uuid}", "/comments/{comment_id:uuid}")}
EXPECTED |= {"/me": 200, "/feedback": 200}
EXPECTED |= {f"{ROUND}/roll": 200, "/sign-in": 200, f"{ROUND}/roll/replace": 422, f"{ROUND}/confirm": 409}


@pytest.mark.parametrize("who", [who for who in CAST if who != NOBODY])
async def test_an_act_is_done_by_whoever_may(stage, visit, who):
    browser = await visit(stage.people[who])
    own = [route for route, (may, _form) in POSTS.items() if who in may]
    answers = {route: await browser.post(stage.path(route), stage.form(route)) for route in own}
    wrong = {r: words(a) for r, a in answers.items() if a.status_code != EXPECTED.get(r, 303)}
    assert wrong == {}


@pytest.mark.parametrize("who", [OFFICER, ADMINISTRATOR])
async def test_what_is_not_there_is_not_found(stage, visit, who):
    browser = await visit(stage.people[who])
    for route in (r for r in GETS if ":uuid" in r and who in GETS[r]):
        path = stage.path(route)
        for known in stage.ids.values():
            path = path.replace(known, str(uuid4()))
        assert (await browser.get(path)).status_code == 404
