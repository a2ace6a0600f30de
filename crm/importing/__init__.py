"""Bringing records in from tables: a mapping file says what each column means."""
