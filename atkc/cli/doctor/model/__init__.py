"""Checks of a model behind an endpoint."""
