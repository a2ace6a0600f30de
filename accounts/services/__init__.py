"""Every write of people, departments, roles and notices."""

from accounts.services.appointing import appoint_administrator
from accounts.services.brakes import (
    Attempt,
    Braked,
    forget_old_failures,
    give_back,
    take_attempt,
)
from accounts.services.departments import (
    DepartmentCycle,
    DepartmentInUse,
    DepartmentTooDeep,
    close_department,
    create_department,
    place_department,
    update_department,
)
from accounts.services.deputies import DeputyRefused, appoint_deputy, recall_deputy
from accounts.services.groups import create_group, delete_group, update_group
from accounts.services.guard import LastAdministrator
from accounts.services.invitations import send_invitation
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
    rename_presets,
    rename_role,
    save_role_grants,
    set_holders,
    set_roles_of,
    take_role,
)
from accounts.services.rules import (
    StageInput,
    UnknownField,
    copy_rules,
    set_field_rules,
    set_role_flags,
    set_stage_rules,
)
from accounts.services.second_factor import (
    require_second_factor,
    reset_second_factor,
    use_code_once,
)
from accounts.services.sessions import end_session, end_sessions, open_sessions
from accounts.services.workplace import (
    begin_workplace,
    end_setup,
    forget_workplace,
    hide_steps,
    save_workplace,
    workplace,
)

__all__ = [
    "Attempt",
    "Braked",
    "DepartmentCycle",
    "DepartmentInUse",
    "DepartmentTooDeep",
    "DeputyRefused",
    "EmailTaken",
    "LastAdministrator",
    "RoleInUse",
    "StageInput",
    "UnknownField",
    "UnknownGrant",
    "activate_person",
    "appoint_administrator",
    "appoint_deputy",
    "begin_workplace",
    "claim_toasts",
    "close_department",
    "copy_role",
    "copy_rules",
    "create_department",
    "create_group",
    "create_person",
    "create_role",
    "deactivate_person",
    "delete_group",
    "delete_role",
    "end_session",
    "end_sessions",
    "end_setup",
    "ensure_presets",
    "forget_old_failures",
    "forget_workplace",
    "give_back",
    "give_role",
    "hide_steps",
    "mark_read",
    "notify",
    "open_sessions",
    "place_department",
    "recall_deputy",
    "rename_presets",
    "rename_role",
    "require_second_factor",
    "reset_second_factor",
    "save_role_grants",
    "save_workplace",
    "send_invitation",
    "set_field_rules",
    "set_holders",
    "set_role_flags",
    "set_roles_of",
    "set_stage_rules",
    "take_attempt",
    "take_role",
    "update_department",
    "update_group",
    "update_person",
    "update_profile",
    "use_code_once",
    "workplace",
]
