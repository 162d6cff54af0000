"""Deals: the list or the board, one deal with everything that happened to it, and its form."""

from dashboard.ui import rooms
from dashboard.ui.deals import ROOM
from dashboard.ui.visit import arrive

rooms.show(arrive(), ROOM)
