"""People: departments, users, roles and their scopes, sign-in, notifications."""
