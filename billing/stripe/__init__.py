"""The only importer of the `stripe` library: calls, errors and units mapped to our own types."""
