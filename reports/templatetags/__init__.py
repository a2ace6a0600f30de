"""Tags of reports for the pages of others."""
