"""A lively demo company: a supplier of ventilation and air conditioning, equal for equal seeds."""
