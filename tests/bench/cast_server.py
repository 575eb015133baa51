"""The app as it runs, with one bare route more: a committed INSERT of as many bytes as an envelope has."""

import os
import sys

import uvicorn
from litestar import Response, post
from sqlalchemy import text

from pb.app import serve_app
from pb.dependencies import Session

BYTES = 560


@post("/bare", status_code=303)
async def bare(session: Session) -> Response[None]:
    await session.execute(text("INSERT INTO bare (body) VALUES (:body)"), {"body": os.urandom(BYTES)})
    return Response(None, status_code=303, headers={"location": "/"})


if __name__ == "__main__":
    url, port = sys.argv[1:]
    app = serve_app(url)
    app.register(bare)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, timeout_keep_alive=3600)
