"""Tags of the pages of people and roles."""
