"""Companies and people."""

from contacts import views
from records.views import record_paths

app_name = "contacts"

urlpatterns = record_paths(
    [
        ("contacts/", "contact_list", views.ContactList),
        ("contacts/export/", "contact_export", views.ContactExport),
        ("contacts/new/", "contact_create", views.ContactCreate),
        ("contacts/<int:pk>/", "contact_detail", views.ContactDetail),
        ("contacts/<int:pk>/edit/", "contact_edit", views.ContactUpdate),
        ("contacts/<int:pk>/delete/", "contact_delete", views.ContactDelete),
        ("companies/", "company_list", views.CompanyList),
        ("companies/export/", "company_export", views.CompanyExport),
        ("companies/new/", "company_create", views.CompanyCreate),
        ("companies/<int:pk>/", "company_detail", views.CompanyDetail),
        ("companies/<int:pk>/edit/", "company_edit", views.CompanyUpdate),
        ("companies/<int:pk>/delete/", "company_delete", views.CompanyDelete),
    ]
)
