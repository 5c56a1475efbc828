"""Answers for customers, and a way to ask. No models."""
