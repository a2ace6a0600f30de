"""Tags of pages of deals."""
