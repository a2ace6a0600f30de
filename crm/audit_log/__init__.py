"""The page of the audit log, its words and its export."""
