"""Pure rules of licences: no framework, no clock, no database."""
