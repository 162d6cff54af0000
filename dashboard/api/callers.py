"""Who calls: the bearer token, the person behind it as of now, and what both may do at this address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from dashboard.api.addresses import PLURALS
from dashboard.api.gates import GATES, Gate, Right
from dashboard.api.languages import language_of
from dashboard.api.operators import is_operator
from dashboard.api.problems import Unauthenticated, Unavailable
from dashboard.api.rendering import Reading
from dashboard.domain.access import Action, Actor, Family, Role, operator
from dashboard.domain.entities import RECORDS, Entity
from dashboard.errors import Forbidden
from dashboard.i18n import Language
from dashboard.jobs import Desk, Running
from dashboard.store import Store
from dashboard.store.tokens import PREFIX, Held, Tokens

VIA = "rest"
LONGEST_SECRET = 200


@dataclass(frozen=True)
class Caller:
    """One call by somebody. token: of a personal access token; None for a session."""

    desk: Desk
    actor: Actor
    language: Language
    secret: str
    token: Held | None
    request: Request

    @property
    def store(self) -> Store:
        """The store."""
        return self.desk.store

    @property
    def entity(self) -> Entity:
        """The kind of record in the address."""
        return PLURALS[self.request.path_params["plural"]]

    @property
    def reading(self) -> Reading:
        """How the caller reads records today."""
        return Reading(self.store.company.today(), self.language)

    @property
    def record_id(self) -> str:
        """The record in the address."""
        return str(self.request.path_params["record_id"])

    def part(self, name: str) -> str:
        """Another part of the address."""
        return str(self.request.path_params[name])


def desk_now() -> Desk:
    """The desk of this process. Raises Unavailable while the server is getting ready."""
    desk = Running.desk
    if desk is None:
        raise Unavailable("api.starting")
    return desk


def admitted(request: Request) -> Caller:
    """Who calls, if they may call this address. Raises Unauthenticated, Forbidden, Unavailable."""
    gate = GATES[f"{request.method} {request.scope['route'].path}"]
    desk = desk_now()
    secret = bearer(request)
    actor, token = identified(desk, secret, request)
    request.state.language = actor.language
    request.state.person = actor.person_id
    caller = Caller(desk, actor, language_of(request), secret, token, request)
    check(caller, gate)
    return caller


Admitted = Annotated[Caller, Depends(admitted)]


def bearer(request: Request) -> str:
    """The secret of the Authorization header. Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not 0 < len(secret) <= LONGEST_SECRET:
        raise Unauthenticated("access.login_needed")
    return secret


def identified(desk: Desk, secret: str, request: Request) -> tuple[Actor, Held | None]:
    """The person behind a secret, as of now. Raises Unauthenticated when there is none."""
    if is_operator(secret, request):
        return operator(VIA), None
    try:
        if secret.startswith(PREFIX):
            held = Tokens(desk.store).holder(secret)
            return desk.store.actor(held.person_id, VIA), held
        return desk.store.logins.actor(secret, VIA), None
    except Forbidden as ended:
        raise Unauthenticated(ended.code, **ended.values) from None


def check(caller: Caller, gate: Gate) -> None:
    """Raises Forbidden when the person or the token may not call this address."""
    if gate.right is Right.PASSWORD and caller.token is not None:
        raise Forbidden("token.session_needed")
    entity = PLURALS.get(caller.request.path_params.get("plural", ""))
    resource = entity.name if entity else gate.resource
    if caller.token is not None and resource and not in_scope(caller.token.scopes, resource, writes=gate.writes):
        raise Forbidden("token.scope", scope=f"{'write' if gate.writes else 'read'}:{resource}")
    if gate.right is Right.RECORDS and entity and gate.action and not caller.actor.grants(entity.name, gate.action):
        raise Forbidden("access.forbidden", entity=entity.name, action=str(gate.action))
    if gate.right is Right.METRICS and not caller.actor.families:
        raise Forbidden("access.forbidden", entity="metric", action=str(Action.READ))
    if gate.right is Right.MACHINE and Family.HEALTH not in caller.actor.families:
        raise Forbidden("access.forbidden", entity=gate.resource, action=str(Action.READ))
    if gate.right is Right.OPERATOR and Role.OPERATOR not in caller.actor.roles:
        raise Forbidden("access.forbidden", entity="operator", action=str(Action.UPDATE))
    if gate.right is Right.IMPORTS and not any(caller.actor.grants(name, Action.IMPORT) for name in RECORDS):
        raise Forbidden("access.forbidden", entity="import_batch", action=str(Action.IMPORT))


def in_scope(scopes: tuple[str, ...], resource: str, *, writes: bool) -> bool:
    """Whether the scopes of a token cover a use; what may write may read."""
    verbs = ("write",) if writes else ("read", "write")
    return any(scope in (verb, f"{verb}:{resource}") for verb in verbs for scope in scopes)
