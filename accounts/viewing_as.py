"""Looking at the system as another person: read-only, with a banner, in the audit log."""

from collections.abc import Callable
from typing import Any

from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.models import User
from records import audit
from records.audit import SAFE
from records.models import Deed

KEY = "view_as"
END = "accounts:view_as_end"
READ_ONLY = "25006"


def is_secret(name: str) -> bool:
    """Pages of sign-in, second factor and sessions are nobody's but the person's own."""
    return name.startswith(("account_", "mfa_")) or name == "accounts:sessions"


def may_view_as(user: User, person: User | None) -> bool:
    """Administrators with the right, at another active person."""
    if person is None or person.pk == user.pk or not person.is_active:
        return False
    return user.has_right("administer") and user.has_right("view_as")


class ViewAsMiddleware:
    """Puts the other person in place of the reader for as long as the session says so.

    Every unsafe method is refused, and what a safe one does to the database is refused by the
    database itself: the view runs in a read-only transaction that is always rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.acting_as = None
        key = request.session.get(KEY) if request.user.is_authenticated else None
        if key is not None:
            self._put_in_place(request, key)
        return self.get_response(request)

    def _put_in_place(self, request: Any, key: int) -> None:
        """The right is asked on every request; without it the session forgets."""
        person = User.objects.filter(pk=key, is_active=True).first()
        if may_view_as(request.user, person):
            request.real_user, request.user, request.acting_as = request.user, person, person
        else:
            del request.session[KEY]

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.acting_as is None or request.resolver_match.view_name == END:
            return None
        if request.method not in SAFE or is_secret(request.resolver_match.view_name or ""):
            return refusal(request)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL transaction_read_only = on")
                response = view(request, *args, **kwargs)
                transaction.set_rollback(True)
                return response
        except InternalError as error:
            if getattr(error.__cause__, "sqlstate", "") != READ_ONLY:
                raise
            return refusal(request)


def refusal(request: Any) -> HttpResponse:
    """What is answered to every attempt to change something; it goes into the audit log."""
    match = request.resolver_match
    details = {"status": 403, "method": request.method}
    audit.write(request, Deed.REFUSED, door=(match.view_name or match.route)[:80], details=details)
    return TemplateResponse(request, "viewing_as_refused.html", status=403)
