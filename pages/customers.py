"""Customers: the list, one customer with all that belongs to it, its contacts, and their forms."""

from dashboard.ui import customers
from dashboard.ui.visit import arrive

customers.show(arrive())
