"""One manager month by month, beside the median of the department."""
