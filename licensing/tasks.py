"""Periodic work of licensing; issuing keys automatically is billing's, for the invoice's sake."""

from licensing.services.alerts import sweep_alerts

PERIODIC = (sweep_alerts,)
