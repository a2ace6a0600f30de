"""Pages of activities."""

from activities.views.composer import LogActivity, PlanActivity, RecordTimeline
from activities.views.marks import MarkCreate, MarkList, MarkUpdate
from activities.views.pages import (
    ActivityComplete,
    ActivityCreate,
    ActivityDelete,
    ActivityDetail,
    ActivityReschedule,
    ActivityUpdate,
)
from activities.views.tasks import ActivityList

__all__ = [
    "ActivityComplete",
    "ActivityCreate",
    "ActivityDelete",
    "ActivityDetail",
    "ActivityList",
    "ActivityReschedule",
    "ActivityUpdate",
    "LogActivity",
    "MarkCreate",
    "MarkList",
    "MarkUpdate",
    "PlanActivity",
    "RecordTimeline",
]
