"""Addresses of saved views and columns."""

from django.urls import path

from crm.lists import views

app_name = "lists"
urlpatterns = [
    path("<slug:kind>/columns/", views.Columns.as_view(), name="columns"),
    path("<slug:kind>/views/new/", views.ViewCreate.as_view(), name="view_create"),
    path("views/<int:pk>/", views.ViewEdit.as_view(), name="view_edit"),
    path("views/<int:pk>/delete/", views.ViewDelete.as_view(), name="view_delete"),
]
