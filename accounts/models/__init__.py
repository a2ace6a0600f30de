"""Departments, people, roles, notifications."""

from accounts.models.departments import Department
from accounts.models.deputies import Deputy
from accounts.models.handovers import OPEN_STATES, HandOver, HandOverState
from accounts.models.notifications import Notification, NotificationKind
from accounts.models.roles import FieldRule, Group, Role, RoleAssignment, RoleGrant, StageRule
from accounts.models.sign_in import Brake
from accounts.models.users import User
from accounts.models.workplace import Workplace

__all__ = [
    "OPEN_STATES",
    "Brake",
    "Department",
    "Deputy",
    "FieldRule",
    "Group",
    "HandOver",
    "HandOverState",
    "Notification",
    "NotificationKind",
    "Role",
    "RoleAssignment",
    "RoleGrant",
    "StageRule",
    "User",
    "Workplace",
]
