"""The open websocket connections: which are of somebody who logged in, and how many strangers there may be.

A connection is known by the session its cookie opened at the handshake, or by the login made on it. Nothing that a
browser says later changes that, and the number that Streamlit gives a page's memory opens nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from dashboard.store.logins import digest

HEADER = "x-connection"
"""Added to the handshake by the server, so that a run can ask for its connection; a client's own is removed."""

STRANGERS = 400
STRANGERS_PER_ADDRESS = 60
ARRIVALS_PER_ADDRESS = 120  # handshakes of strangers a minute
STRANGER_MOST_BYTES = 64 * 1024  # of one message: a login form needs far less
STRANGER_BURST, STRANGER_PER_SECOND = 40, 4.0  # messages
MINUTE = 60.0
BINDINGS_MOST = 20_000


class Allowance:
    """How many of something may come: a burst, filled up again at a rate."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float]) -> None:
        self.burst, self.per_second, self.clock = burst, per_second, clock
        self.left, self.since = burst, clock()

    def take(self) -> bool:
        """Use one up; False when there is none."""
        moment = self.clock()
        self.left = min(self.burst, self.left + (moment - self.since) * self.per_second)
        self.since = moment
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(eq=False)
class Connection:
    """One websocket. `token`: the secret of its session; `ended`: that session is over and no run has shown it yet."""

    address: str
    token: str | None
    messages: Allowance
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    ended: bool = False
    was_known: bool = False


class Connections:
    """Those of this process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.open: dict[str, Connection] = {}
        self.arrivals: OrderedDict[str, Allowance] = OrderedDict()
        self.bindings: OrderedDict[str, str] = OrderedDict()  # Streamlit's session → digest of the login's secret

    def admit(self, address: str, token: str | None) -> Connection | None:
        """A new connection; None where there are too many strangers, or too many come."""
        with self.lock:
            if token is None and self.is_crowded(address):
                return None
            made = Connection(address, token, Allowance(STRANGER_BURST, STRANGER_PER_SECOND, self.clock))
            made.was_known = token is not None
            self.open[made.id] = made
            return made

    def is_crowded(self, address: str) -> bool:
        """Whether another stranger from an address is one too many."""
        here = Counter(found.address for found in self.open.values() if found.token is None)
        if here.total() >= STRANGERS or here[address] >= STRANGERS_PER_ADDRESS:
            return True
        rate = ARRIVALS_PER_ADDRESS / MINUTE
        allowance = self.arrivals.setdefault(address, Allowance(ARRIVALS_PER_ADDRESS, rate, self.clock))
        self.arrivals.move_to_end(address)
        while len(self.arrivals) > BINDINGS_MOST:
            self.arrivals.popitem(last=False)
        return not allowance.take()

    def leave(self, connection: Connection) -> None:
        """A connection was closed."""
        with self.lock:
            self.open.pop(connection.id, None)

    def of(self, connection_id: str | None) -> Connection | None:
        """The connection of a run; None where there is none, as in tests without a server."""
        return self.open.get(connection_id) if connection_id else None

    def bind(self, page_session: str, token: str) -> None:
        """Remember whose a page's memory is: only they may come back to it."""
        with self.lock:
            self.bindings[page_session] = digest(token)
            self.bindings.move_to_end(page_session)
            while len(self.bindings) > BINDINGS_MOST:
                self.bindings.popitem(last=False)

    def loosen(self, page_session: str) -> None:
        """Nobody may come back to a page's memory."""
        with self.lock:
            self.bindings.pop(page_session, None)

    def is_bound(self, page_session: str, token: str | None) -> bool:
        """Whether a page's memory belongs to a session."""
        return token is not None and self.bindings.get(page_session) == digest(token)


OPEN = Connections()
