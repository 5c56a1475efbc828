"""Small tools without models that every other package may use."""
