"""How phones are written on pages."""

from django import template

from contacts.phones import pretty

register = template.Library()
register.filter("phone", pretty)
