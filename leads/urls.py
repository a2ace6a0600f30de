"""Leads, their distribution and sources."""

from leads.views import acts, leads, rules
from records.views import record_paths

app_name = "leads"

urlpatterns = record_paths(
    [
        ("leads/", "list", leads.LeadList),
        ("leads/export/", "export", leads.LeadExport),
        ("leads/new/", "create", leads.LeadCreate),
        ("leads/<int:pk>/", "detail", leads.LeadDetail),
        ("leads/<int:pk>/edit/", "edit", leads.LeadUpdate),
        ("leads/<int:pk>/delete/", "delete", leads.LeadDelete),
        ("leads/<int:pk>/convert/", "convert", acts.LeadConvert),
        ("leads/<int:pk>/reject/", "reject", acts.LeadReject),
        ("leads/<int:pk>/assign/", "assign", acts.LeadAssign),
        ("leads/<int:pk>/take/", "take", acts.LeadTake),
        ("settings/rules/", "rules", rules.RuleList),
        ("settings/rules/new/", "rule_create", rules.RuleCreate),
        ("settings/rules/<int:pk>/", "rule_edit", rules.RuleUpdate),
        ("settings/rules/<int:pk>/move/", "rule_move", rules.RuleMove),
        ("settings/sources/", "sources", rules.SourceList),
        ("settings/sources/new/", "source_create", rules.SourceCreate),
        ("settings/sources/<int:pk>/", "source_edit", rules.SourceUpdate),
    ]
)
