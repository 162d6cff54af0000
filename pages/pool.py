"""Pool: leads and customers that nobody owns, claimed with one tap; a manager gives them to somebody."""

from dashboard.ui.pool import page
from dashboard.ui.visit import arrive

page.show(arrive())
