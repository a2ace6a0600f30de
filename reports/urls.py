"""Addresses of reports."""

from records.views import record_paths
from reports.views import funnel, index, managers

app_name = "reports"

urlpatterns = record_paths(
    [
        ("", "index", index.ReportsIndex),
        ("funnel/", "funnel", funnel.FunnelPage),
        ("managers/", "managers", managers.ManagersPage),
        # Customer value: lines of rfm and clv stand below.
    ]
)
