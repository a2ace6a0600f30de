"""Application configuration."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Companies and people, their phones and e-mails."""

    name = "contacts"
