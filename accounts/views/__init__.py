"""Pages of people, departments, roles, the profile and the bell."""
