"""Paths of customer value and RFM, joined into reports.urls."""

from records.views import record_paths
from reports.views.clv import CustomerValues
from reports.views.rfm import RfmCustomers, RfmGrid

value_paths = record_paths(
    [
        ("rfm/", "rfm", RfmGrid),
        ("rfm/customers/", "rfm_customers", RfmCustomers),
        ("clv/", "clv", CustomerValues),
    ]
)
