"""Companies, people, phones and e-mails."""

from contacts.models.channels import Email, Phone
from contacts.models.companies import Company
from contacts.models.people import Contact, Employment

__all__ = ["Company", "Contact", "Email", "Employment", "Phone"]
