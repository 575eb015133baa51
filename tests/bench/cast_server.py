"""The app as it runs, with two bare routes more: a committed INSERT of as many bytes as an envelope has, and a page of
one SELECT that has as many rows and bytes as asked.
"""

import os
import sys

import uvicorn
from jinja2 import Environment
from litestar import MediaType, Response, get, post
from litestar.params import FromQuery
from sqlalchemy import text

from pb.app import serve_app
from pb.dependencies import Session

BYTES = 560
ROW = '<li><h3><a href="/ideas/{{ row.id }}">{{ row.title }}</a></h3><p>{{ row.reason }}</p>{{ filling }}</li>'
PAGE = Environment(autoescape=True).from_string(f"<ul>{{% for row in rows %}}{ROW}{{% endfor %}}</ul>")


@post("/bare", status_code=303)
async def bare(session: Session) -> Response[None]:
    await session.execute(text("INSERT INTO bare (body) VALUES (:body)"), {"body": os.urandom(BYTES)})
    return Response(None, status_code=303, headers={"location": "/"})


@get("/bare", media_type=MediaType.HTML)
async def bare_page(session: Session, rows: FromQuery[int], size: FromQuery[int]) -> str:
    query = text("SELECT id, title, reason FROM idea ORDER BY id LIMIT :rows")
    found = (await session.execute(query, {"rows": rows})).all()
    return PAGE.render(rows=found, filling="." * max(0, size // rows - 110))


if __name__ == "__main__":
    url, port = sys.argv[1:]
    app = serve_app(url)
    app.register(bare)
    app.register(bare_page)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, timeout_keep_alive=3600)
