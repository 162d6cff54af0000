"""Orders: the list, one order with its lines, shipments, returns and payments, and its form."""

from dashboard.ui import rooms
from dashboard.ui.orders.room import ROOM
from dashboard.ui.visit import arrive

rooms.show(arrive(), ROOM)
