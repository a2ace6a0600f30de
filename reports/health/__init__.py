"""CRM health: how complete, valid, single and fresh the records are."""
