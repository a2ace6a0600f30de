"""Addresses of reports."""

from records.views import record_paths
from reports.views import clv, funnel, index, managers, rfm

app_name = "reports"

urlpatterns = record_paths(
    [
        ("", "index", index.ReportsIndex),
        ("funnel/", "funnel", funnel.FunnelPage),
        ("managers/", "managers", managers.ManagersPage),
        ("rfm/", "rfm", rfm.RfmGrid),
        ("rfm/customers/", "rfm_customers", rfm.RfmCustomers),
        ("clv/", "clv", clv.CustomerValues),
    ]
)
