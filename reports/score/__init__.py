"""The lead score as a report: how good it is, and the open leads by their chance."""
