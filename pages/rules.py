"""Rules: what the department works by and the lists it classifies by, each part a list with its records and forms."""

from dashboard.ui.rules import page
from dashboard.ui.visit import arrive

page.show(arrive())
