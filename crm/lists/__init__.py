"""Saved views and columns of every list."""
