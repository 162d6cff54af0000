"""Contracts: the list, one contract with its wording, approval and signature, and its form."""

from dashboard.ui import rooms
from dashboard.ui.contracts import ROOM
from dashboard.ui.visit import arrive

rooms.show(arrive(), ROOM)
