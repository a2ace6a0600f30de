"""Give the preset roles of an existing database the rights that did not exist before."""

from django.db import migrations

WORK = ("lead", "deal", "contact", "company", "activity")
EVERYTHING = (*WORK, "product")
OWN, BELOW, ALL = 1, 3, 4
GRANTS = {
    "manager": [(kind, "bulk", OWN, False) for kind in WORK],
    "senior_manager": [(kind, "bulk", OWN, False) for kind in WORK],
    "head": [(kind, "bulk", BELOW, True) for kind in WORK],
    "director": [(kind, "bulk", ALL, False) for kind in EVERYTHING]
    + [("system", "view_audit", ALL, False)],
    "administrator": [(kind, "bulk", ALL, False) for kind in EVERYTHING]
    + [("system", "view_audit", ALL, False), ("system", "view_as", ALL, False)],
}


def grant(apps, schema_editor):
    role_model = apps.get_model("accounts", "Role")
    grant_model = apps.get_model("accounts", "RoleGrant")
    for role in role_model.objects.filter(preset__in=GRANTS):
        grant_model.objects.bulk_create(
            [
                grant_model(
                    role=role, record_type=kind, action=action, scope=scope, unassigned=unassigned
                )
                for kind, action, scope, unassigned in GRANTS[role.preset]
            ],
            ignore_conflicts=True,
        )


def revoke(apps, schema_editor):
    grant_model = apps.get_model("accounts", "RoleGrant")
    grant_model.objects.filter(action__in=("bulk", "view_audit", "view_as")).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_rules_and_deputies")]

    operations = [migrations.RunPython(grant, revoke)]
