"""manage.py createadmin [--email E] [--if-none]."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm.first_run import has_administrator, make_administrator


class Command(BaseCommand):
    """Makes the first administrator; lets the owner of the machine in again later."""

    help = (
        "Add an administrator, or make a known person one with a new password. "
        "Takes ADMIN_EMAIL and ADMIN_PASSWORD, asks for what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email")
        parser.add_argument(
            "--if-none", action="store_true", help="do nothing when there is an administrator"
        )

    def handle(self, *args: Any, email: str | None, if_none: bool, **options: Any) -> None:
        if if_none and has_administrator():
            self.stdout.write(_("There is an administrator already."))
            return
        address = (email or settings.ADMIN_EMAIL or self._ask_email()).strip()
        try:
            validate_email(address)
            person = make_administrator(address, settings.ADMIN_PASSWORD or self._ask_password())
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            _("%(email)s is an administrator and may sign in.") % {"email": person.email}
        )

    def _ask_email(self) -> str:
        self._need_terminal()
        return input(_("E-mail") + ": ")

    def _ask_password(self) -> str:
        """Twice, unseen."""
        self._need_terminal()
        first = getpass.getpass(_("Password") + ": ")
        if first != getpass.getpass(_("Once more") + ": "):
            raise CommandError(_("The two passwords differ."))
        return first

    def _need_terminal(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError(_("Nobody to ask here: set ADMIN_EMAIL and ADMIN_PASSWORD."))
