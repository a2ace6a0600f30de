"""The trash: what was deleted, brought back or removed for good."""
