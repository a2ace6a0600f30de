"""Products."""

from catalog import views
from records.views import record_paths

app_name = "catalog"

urlpatterns = record_paths(
    [
        ("products/", "product_list", views.ProductList),
        ("products/export/", "product_export", views.ProductExport),
        ("products/new/", "product_create", views.ProductCreate),
        ("products/<int:pk>/", "product_detail", views.ProductUpdate),
        ("products/<int:pk>/delete/", "product_delete", views.ProductDelete),
    ]
)
