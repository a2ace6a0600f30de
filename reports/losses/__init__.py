"""Lost deals: why, where, by whom, and how that changes from month to month."""
