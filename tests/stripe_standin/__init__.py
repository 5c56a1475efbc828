"""A stand-in for Stripe on loopback, for the demo and the tests. Never part of the product."""
