"""Dashboards of the demo people who read reports."""

from django.db.models import QuerySet
from django.utils import translation

from accounts.models import User
from crm.demo.world import World
from reports.dashboards.services import begin
from reports.models import Dashboard

READERS = ("director", "sokolov", "analyst", "admin")


def make_boards(world: World) -> None:
    """The usual tiles, named in the language of each."""
    for login in READERS:
        person = world.people[login]
        with translation.override(person.language):
            begin(by=person)


def clear_boards(people: QuerySet[User]) -> None:
    """Remove those of the demo people."""
    Dashboard.objects.filter(owner__in=people).delete()
