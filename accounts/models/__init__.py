"""Departments, people, roles, notifications."""

from accounts.models.departments import Department
from accounts.models.notifications import Notification, NotificationKind
from accounts.models.roles import Group, Role, RoleAssignment, RoleGrant
from accounts.models.users import User

__all__ = [
    "Department",
    "Group",
    "Notification",
    "NotificationKind",
    "Role",
    "RoleAssignment",
    "RoleGrant",
    "User",
]
