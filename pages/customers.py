"""Customers: the list, one customer with all that belongs to it, and its form."""

from dashboard.ui import rooms
from dashboard.ui.customers import ROOM
from dashboard.ui.visit import arrive

rooms.show(arrive(), ROOM)
