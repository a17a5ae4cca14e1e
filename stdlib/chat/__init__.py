"""Conversations as text: roles, templates, rendering."""
