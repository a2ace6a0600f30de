"""Root URLs: each room under its noun."""

urlpatterns: list = []
