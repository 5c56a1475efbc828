"""Pure rules of money: no framework, no clock, no database."""
