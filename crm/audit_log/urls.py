"""Addresses of the audit log."""

from django.urls import path

from crm.audit_log.views import AuditExport, AuditList

app_name = "audit"
urlpatterns = [
    path("", AuditList.as_view(), name="list"),
    path("export/", AuditExport.as_view(), name="export"),
]
