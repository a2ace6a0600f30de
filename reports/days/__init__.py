"""What was done on one day: by person and by hour."""
