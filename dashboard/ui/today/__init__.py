"""The parts of Today: whose day it is, the attainment, the queue with its quick updates, what closes the gap."""
