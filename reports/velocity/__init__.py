"""How fast money comes: the sales velocity, and deals that stand longer than won ones did."""
