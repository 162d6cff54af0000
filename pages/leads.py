"""Leads: the list, one lead with everything that happened to it, and its forms."""

from dashboard.ui import rooms
from dashboard.ui.leads import ROOM
from dashboard.ui.visit import arrive

rooms.show(arrive(), ROOM)
