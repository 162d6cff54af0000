"""Files of records: attached after a look into them, read only with the right to it, and each reading is on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dashboard.actions.offers import gone
from dashboard.actions.records import row_frame
from dashboard.domain import files
from dashboard.domain.access import Actor
from dashboard.domain.changes import Change, ChangeSet
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import NotFound
from dashboard.store import Store
from dashboard.store.audit import Entry

FILED = ("customer", "deal", "contract", "order")
"""What files can be attached to."""

DOWNLOAD = "download"


class Opened(NamedTuple):
    """A file as it was attached."""

    name: str
    media_type: str
    content: bytes


def attach(
    store: Store,
    actor: Actor,
    entity: str,
    record_id: str,
    name: str,
    content: bytes,
    *,
    attachment_id: str | None = None,
    kinds: tuple[str, ...] = tuple(files.ENDINGS),
    why: str | None = None,
    then: Callable[[Any], None] | None = None,
) -> str:
    """Attach a file to a record; under the same id a second time it changes nothing. Returns the attachment's id.

    then: see `Store.apply`. Raises NotFound, Invalid (attachment.*), Refused (verb.archived), and what `Store.apply`
    raises; then nothing is kept of the file.
    """
    record = store.get(actor, entity, record_id)
    if record["archived_at"] is not None:
        raise gone(entity, "update")
    judged = files.judge(name, content, kinds)
    row: dict[str, Any] = {
        "id": attachment_id or new_id(),
        "entity": entity,
        "record_id": record_id,
        "name": judged.name,
        **wholes(store, actor, entity, record),
    }
    with store.engine.lock:  # nobody else keeps or drops the same content in between
        if store.count(actor, "attachment", [Condition("id", Operator.EQ, row["id"])], archived=True):
            return str(row["id"])
        kept = store.files.keep(content)
        received = {"sha256": kept.sha256, "size_bytes": kept.size_bytes, "media_type": judged.media_type}
        create = Change("attachment", "create", row_frame(entity_of("attachment"), row))
        try:
            store.apply(ChangeSet(actor, (create,), why, details={"file": received}), then)
        except BaseException:
            if kept.fresh:
                store.files.drop(kept.sha256)
            raise
    return str(row["id"])


def wholes(store: Store, actor: Actor, entity: str, record: dict[str, Any]) -> dict[str, str]:
    """The customer and the deal that the file belongs with, as far as the person may read them."""
    asked = {name: record.get(name) for name in ("customer_id", "deal_id")}
    asked |= {f"{entity}_id": record["id"]} if f"{entity}_id" in asked else {}
    return {
        name: value
        for name, value in asked.items()
        if value and store.count(actor, name.removesuffix("_id"), [Condition("id", Operator.EQ, value)], archived=True)
    }


def open_file(store: Store, actor: Actor, attachment_id: str) -> Opened:
    """A file, for somebody who may read it; that it was read is noted.

    Raises NotFound, also for a row without a file; Forbidden (access.view_only); Refused (attachment.missing,
    attachment.damaged).
    """
    store.still(actor)
    row = store.get(actor, "attachment", attachment_id)
    if not row.get("sha256"):
        raise NotFound("record.not_found", entity="attachment")
    content = store.files.read(row["sha256"])
    store.note(actor, [Entry(DOWNLOAD, "attachment", attachment_id, 1, None, {"sha256": row["sha256"]})])
    return Opened(row["name"], row["media_type"], content)


def files_of(store: Store, actor: Actor, entity: str, record_id: str) -> list[dict[str, Any]]:
    """The files of a record that the person may read, the latest first."""
    where = [
        Condition("entity", Operator.EQ, entity),
        Condition("record_id", Operator.EQ, record_id),
        Condition("sha256", Operator.NULL, value=False),
    ]
    if "sha256" not in store.find(actor, "attachment", limit=0).columns:
        return []
    return store.find(actor, "attachment", where).sort("created_at", descending=True).to_dicts()
