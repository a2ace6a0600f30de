"""Every write of people, departments, roles and notices."""

from accounts.services.appointing import appoint_administrator
from accounts.services.departments import (
    DepartmentCycle,
    DepartmentInUse,
    DepartmentTooDeep,
    close_department,
    create_department,
    place_department,
    update_department,
)
from accounts.services.guard import LastAdministrator
from accounts.services.notifications import claim_toasts, mark_read, notify
from accounts.services.people import (
    EmailTaken,
    activate_person,
    create_person,
    deactivate_person,
    update_person,
    update_profile,
)
from accounts.services.roles import (
    RoleInUse,
    UnknownGrant,
    copy_role,
    create_role,
    delete_role,
    ensure_presets,
    give_role,
    rename_role,
    save_role_grants,
    set_holders,
    set_roles_of,
    take_role,
)

__all__ = [
    "DepartmentCycle",
    "DepartmentInUse",
    "DepartmentTooDeep",
    "EmailTaken",
    "LastAdministrator",
    "RoleInUse",
    "UnknownGrant",
    "activate_person",
    "appoint_administrator",
    "claim_toasts",
    "close_department",
    "copy_role",
    "create_department",
    "create_person",
    "create_role",
    "deactivate_person",
    "delete_role",
    "ensure_presets",
    "give_role",
    "mark_read",
    "notify",
    "place_department",
    "rename_role",
    "save_role_grants",
    "set_holders",
    "set_roles_of",
    "take_role",
    "update_department",
    "update_person",
    "update_profile",
]
