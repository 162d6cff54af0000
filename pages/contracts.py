"""Contracts: the list, one contract with its wording, approval and signature, and its form."""

from dashboard.ui import records, rooms
from dashboard.ui.contracts import ROOM
from dashboard.ui.visit import arrive

visit = arrive()
rooms.show(visit, ROOM)
records.show_asked_for(visit)
