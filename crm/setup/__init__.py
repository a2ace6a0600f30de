"""The first run of a company, its settings page, the first steps on My day."""
