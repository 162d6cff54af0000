"""Orders: the list, one order with its lines, shipments, returns and payments, and its form."""

from dashboard.ui import records, rooms
from dashboard.ui.orders.room import ROOM
from dashboard.ui.visit import arrive

visit = arrive()
rooms.show(visit, ROOM)
records.show_asked_for(visit)
