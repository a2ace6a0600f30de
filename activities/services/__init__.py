"""Every write of activities and reminders."""

from activities.services.activities import (
    ActivityError,
    NextStep,
    complete_activity,
    delete_activity,
    edit_activity,
    log_activity,
    plan_activity,
    postpone_activity,
    reschedule_activity,
    restore_activity,
)
from activities.services.marks import MarkError, add_mark, edit_mark, set_marks
from activities.services.reminders import cancel_reminders, set_reminder
from activities.services.sweep import SweepResult, sweep_reminders

__all__ = [
    "ActivityError",
    "MarkError",
    "NextStep",
    "SweepResult",
    "add_mark",
    "cancel_reminders",
    "complete_activity",
    "delete_activity",
    "edit_activity",
    "edit_mark",
    "log_activity",
    "plan_activity",
    "postpone_activity",
    "reschedule_activity",
    "restore_activity",
    "set_marks",
    "set_reminder",
    "sweep_reminders",
]
