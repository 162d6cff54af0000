"""Orders: their room, and what is done with one: ship, deliver, take back, record a payment."""
