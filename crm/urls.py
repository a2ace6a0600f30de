"""Root URLs: each room under its noun."""

from django.urls import path

from crm.health import Alive, Ready

urlpatterns: list = []

# Health, for load balancers and compose.
urlpatterns += [
    path("healthz", Alive.as_view(), name="healthz"),
    path("readyz", Ready.as_view(), name="readyz"),
]
