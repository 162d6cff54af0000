"""What REST requests are compared with: a web application that answers every address with the same few records."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORD = {f"field_{number}": f"value {number}" for number in range(30)}


async def answer(request: Request) -> Response:
    """One record, or as many as are asked for."""
    await request.body()
    asked = int(request.query_params.get("limit", 0))
    return JSONResponse({"items": [RECORD] * asked} if asked else RECORD)


app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "PATCH", "POST"])])
