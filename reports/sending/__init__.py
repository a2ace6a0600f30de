"""Reports sent by e-mail: rows in PostgreSQL, swept by the worker with a lease."""
