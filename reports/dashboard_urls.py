"""Addresses of dashboards."""

from records.views import record_paths
from reports.views import dashboards

app_name = "dashboards"

urlpatterns = record_paths(
    [
        ("", "index", dashboards.Board),
        ("new/", "create", dashboards.DashboardCreate),
        ("begin/", "begin", dashboards.DashboardBegin),
        ("pin/", "pin", dashboards.PinReport),
        ("<int:pk>/", "board", dashboards.Board),
        ("<int:pk>/edit/", "edit", dashboards.DashboardEdit),
        ("<int:pk>/remove/", "remove", dashboards.DashboardRemove),
        ("<int:pk>/copy/", "copy", dashboards.DashboardCopy),
        ("<int:pk>/order/", "order", dashboards.DashboardOrder),
        ("tiles/<int:pk>/", "tile", dashboards.TileShow),
        ("tiles/<int:pk>/move/", "tile_move", dashboards.TileMove),
        ("tiles/<int:pk>/remove/", "tile_remove", dashboards.TileRemove),
    ]
)
