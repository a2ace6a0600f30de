"""What every record shares: rights, versions, history, events, generic pages."""
