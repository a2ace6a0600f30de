"""Application configuration."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Products, currencies and rates."""

    name = "catalog"
