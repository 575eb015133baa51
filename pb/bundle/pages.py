"""The bundle, for everybody once the result is published."""

from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import File

from pb.bundle import service
from pb.dependencies import Me, Now, Session
from pb.results.pages import not_published
from pb.rounds.queries import get_visible_round


class BundlePages(Controller):
    path = "/rounds/{round_id:uuid}/results/bundle.zip"

    @get("/")
    async def download(self, session: Session, me: Me, now: Now, round_id: FromPath[UUID]) -> File:
        round_ = await get_visible_round(session, round_id, me, now)
        if round_.published_at is None:
            raise not_published(round_)
        path = await service.get_bundle(session, round_)
        headers = {"cache-control": "public, max-age=300"}
        return File(path, filename=f"bundle-{round_id}.zip", media_type="application/zip", headers=headers)
