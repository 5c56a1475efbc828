"""Agreements, seats, key requests and licences."""
