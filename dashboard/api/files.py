"""Files of records: attach one, and read one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions.files import FILED, attach, open_file
from dashboard.api.addresses import address_of
from dashboard.api.callers import Admitted
from dashboard.api.forms import Form, form_of
from dashboard.api.gates import V1
from dashboard.api.once import Once
from dashboard.api.rendering import etag, record
from dashboard.api.values import dumped
from dashboard.domain.entities import entity_of
from dashboard.domain.files import MOST_BYTES
from dashboard.store.requests import Answer

router = APIRouter()
ATTACHMENT = entity_of("attachment")
PLACES = {f"{V1}/{address_of(entity_of(name))}/{{record_id}}/files": name for name in FILED}
"""Where a file is attached to a record, and of which kind that is."""


async def uploaded(request: Request) -> Form:
    """A form with one file."""
    return await form_of(request, MOST_BYTES, 1, ("file",))


def add(caller: Admitted, form: Annotated[Form, Depends(uploaded)]) -> Response:
    """Attach a file to the record in the address."""
    once = Once(caller, form.raw)

    def work() -> Response:
        entity = PLACES[caller.request.scope["route"].path]
        _, name, content = form.files[0]
        made = attach(caller.store, caller.actor, entity, caller.record_id, name, content)
        now = caller.store.get(caller.actor, "attachment", made)
        row = record(ATTACHMENT, now, caller.reading)
        headers = {"Location": f"/api{V1}/attachments/{made}", "ETag": etag(row["version"])}
        return once.keep_later(Answer(201, headers, dumped(row)))

    return once.do(work)


for place in PLACES:
    router.add_api_route(place, add, methods=["POST"])


@router.get(f"{V1}/attachments/{{record_id}}/content")
def content(caller: Admitted) -> Response:
    """The file itself."""
    found = open_file(caller.store, caller.actor, caller.record_id)
    return sent(found.content, found.name, found.media_type)


def sent(body: bytes, name: str, media_type: str) -> Response:
    """A file to be saved, never shown as a page of ours."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, 200, headers, media_type)
