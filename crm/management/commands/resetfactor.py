"""manage.py resetfactor EMAIL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts import services
from accounts.letters import tell
from accounts.models import User
from records.history import cause


class Command(BaseCommand):
    """Lets somebody in again who lost the phone, when no administrator can sign in either."""

    help = "Remove the second factor of a person, end the sessions, tell by letter."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(
                _("There is no person with the e-mail %(email)s.") % {"email": email}
            )
        with cause("resetfactor"):
            removed = services.reset_second_factor(person=person)
        if removed:
            tell(person, "mfa/email/reset_by_administrator")
        self.stdout.write(
            _("The second factor is removed: %(name)s") % {"name": person.email}
            if removed
            else _("There was no second factor.")
        )
