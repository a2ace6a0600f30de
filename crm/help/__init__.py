"""Help for the page one is on: what is done here, in a few sentences."""
