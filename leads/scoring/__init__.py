"""The chance of a lead to be won, from values as they were known at the time."""
