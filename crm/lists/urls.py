"""Addresses of saved views, columns and deeds on many rows."""

from django.urls import path

from crm.lists import bulk_views, views

app_name = "lists"
urlpatterns = [
    path("lead/bulk/", bulk_views.LeadBulk.as_view(), name="lead_bulk"),
    path("deal/bulk/", bulk_views.DealBulk.as_view(), name="deal_bulk"),
    path("contact/bulk/", bulk_views.ContactBulk.as_view(), name="contact_bulk"),
    path("company/bulk/", bulk_views.CompanyBulk.as_view(), name="company_bulk"),
    path("product/bulk/", bulk_views.ProductBulk.as_view(), name="product_bulk"),
    path("bulk/<int:pk>/undo/", bulk_views.BulkUndo.as_view(), name="bulk_undo"),
    path("<slug:kind>/filter/", views.FilterPage.as_view(), name="filter"),
    path("<slug:kind>/columns/", views.Columns.as_view(), name="columns"),
    path("<slug:kind>/views/new/", views.ViewCreate.as_view(), name="view_create"),
    path("views/<int:pk>/", views.ViewEdit.as_view(), name="view_edit"),
    path("views/<int:pk>/delete/", views.ViewDelete.as_view(), name="view_delete"),
]
