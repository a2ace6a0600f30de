"""The funnel by its four lenses and from the lead on; each lens says what it counts."""

from reports.funnel.reached import funnel
from reports.funnel.steps import Funnel, Reason, Step, Tally, percent

__all__ = ["Funnel", "Reason", "Step", "Tally", "funnel", "percent"]
