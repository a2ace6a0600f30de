"""Products, currencies and rates."""
