"""Files of records: attach one, and read one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions.files import FILED, attach, open_file
from dashboard.api.addresses import address_of
from dashboard.api.callers import Admitted
from dashboard.api.forms import Form, form_of
from dashboard.api.gates import V1
from dashboard.api.once import Once, responded
from dashboard.api.orders import told
from dashboard.api.writing import about_of
from dashboard.domain.entities import entity_of
from dashboard.domain.files import MOST_BYTES
from dashboard.domain.ids import new_id
from dashboard.store.records import Reader
from dashboard.store.subjects import Subjects

router = APIRouter()
PLACES = {f"{V1}/{address_of(entity_of(name))}/{{record_id}}/files": name for name in FILED}
"""Where a file is attached to a record, and of which kind that is."""


async def uploaded(request: Request) -> Form:
    """A form with one file, and perhaps a reason."""
    return await form_of(request, MOST_BYTES, 1, ("file", "why"))


def add(caller: Admitted, form: Annotated[Form, Depends(uploaded)]) -> Response:
    """Attach a file to the record in the address."""
    once, made = Once(caller, form.said), new_id()

    def work() -> Response:
        store, kept = caller.store, []

        def then(cursor: Any) -> None:
            kept.append(told(caller, "attachment", made, cursor, Reader(Subjects(store.ring), store.index_key)))
            once.keep(cursor, kept[0])

        entity, why = PLACES[caller.request.scope["route"].path], about_of({"why": form.words.get("why")}).get("why")
        [(_, name, content)] = form.files
        attach(store, caller.actor, entity, caller.record_id, name, content, attachment_id=made, why=why, then=then)
        return responded(kept[0])

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
