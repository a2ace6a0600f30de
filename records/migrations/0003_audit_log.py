"""The audit log: the table, the triggers that keep it append-only, the retention routine."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


PROTECT = """
CREATE FUNCTION crm_protect_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('crm.audit_retention', true) = 'on' THEN
    IF TG_OP = 'TRUNCATE' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '90 days' THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'The audit log is append-only: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON records_auditentry
  FOR EACH ROW EXECUTE FUNCTION crm_protect_audit();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON records_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION crm_protect_audit();
"""
UNPROTECT = """
DROP TRIGGER IF EXISTS audit_append_only ON records_auditentry;
DROP TRIGGER IF EXISTS audit_no_truncate ON records_auditentry;
DROP FUNCTION crm_protect_audit();
"""
PURGE = """
CREATE FUNCTION crm_purge_audit(before timestamptz, batch integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE gone bigint;
BEGIN
  PERFORM set_config('crm.audit_retention', 'on', true);
  DELETE FROM records_auditentry WHERE id IN (
    SELECT id FROM records_auditentry
    WHERE at < least(before, now() - interval '90 days') ORDER BY at, id LIMIT batch
  );
  GET DIAGNOSTICS gone = ROW_COUNT;
  PERFORM set_config('crm.audit_retention', '', true);
  RETURN gone;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='When')),
                ('deed', models.CharField(choices=[('view', 'Opened'), ('list', 'Looked through a list'), ('search', 'Searched'), ('report', 'Opened a report'), ('export', 'Exported'), ('print', 'Printed'), ('create', 'Created'), ('change', 'Changed'), ('delete', 'Deleted'), ('restore', 'Restored'), ('purge', 'Removed for good'), ('rights', 'Changed people or rights'), ('settings', 'Changed settings'), ('refused', 'Was refused'), ('sign_in', 'Signed in'), ('sign_out', 'Signed out'), ('sign_in_failed', 'Failed to sign in'), ('password', 'Changed the password')], max_length=15, verbose_name='Deed')),
                ('door', models.CharField(blank=True, max_length=80)),
                ('record_type', models.CharField(blank=True, max_length=30)),
                ('record_id', models.BigIntegerField(null=True)),
                ('count', models.BigIntegerField(null=True)),
                ('details', models.JSONField(default=dict)),
                ('address', models.GenericIPAddressField(null=True, verbose_name='Address')),
                ('device', models.CharField(blank=True, max_length=60, verbose_name='Device')),
                ('acting_as', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
            ],
            options={
                'verbose_name': 'Audit entry',
                'indexes': [models.Index(fields=['-at', '-id'], name='audit_newest'), models.Index(fields=['user', '-at', '-id'], name='audit_of_person'), models.Index(condition=models.Q(('record_id__isnull', False)), fields=['record_type', 'record_id', '-at', '-id'], name='audit_of_record'), models.Index(fields=['address', '-at', '-id'], name='audit_from_address'), models.Index(condition=models.Q(('deed__in', ['view', 'list']), _negated=True), fields=['deed', '-at', '-id'], name='audit_rare_deeds')],
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
        migrations.RunSQL(PURGE, "DROP FUNCTION crm_purge_audit(timestamptz, integer)"),
    ]
