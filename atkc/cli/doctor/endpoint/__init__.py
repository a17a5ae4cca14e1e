"""Checks of an endpoint, each once for all models behind it."""
