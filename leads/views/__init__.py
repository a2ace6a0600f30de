"""Pages of leads and of their distribution."""
