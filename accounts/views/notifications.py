"""The bell: a polled badge, toasts shown exactly once, the list.

A GET never writes. The badge is polled by GET; when something was not shown yet it carries an
element that posts to `notifications_seen` on load. That post claims the notices in one UPDATE
and answers with exactly the toasts it claimed, so two open tabs never show the same one.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import ListView, TemplateView

from accounts import services
from accounts.models import Notification
from records.policy import PERSON
from records.views import Door, Fragments, go_to

SHOWN = 50


class NotificationList(Fragments, Door, ListView):
    """The newest notices, as a page or in the dialog."""

    policy = PERSON
    template_name = "accounts/notifications.html"
    context_object_name = "notices"
    fragment = "list"

    def get_queryset(self) -> Any:
        return Notification.objects.filter(user=self.request.user)[:SHOWN]


class NotificationBadge(Door, TemplateView):
    """The number of unread notices, for the polling bell."""

    policy = PERSON
    template_name = "accounts/notifications.html#badge"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unread = Notification.objects.filter(user=self.request.user, read_at__isnull=True)
        states = list(unread.values_list("shown_at", flat=True)[: SHOWN * 2])
        return super().get_context_data(
            unread=len(states), has_fresh=any(shown is None for shown in states), **kwargs
        )


class NotificationsSeen(Door, TemplateView):
    """Claim the notices not shown yet and answer with their toasts."""

    policy = PERSON
    http_method_names = ["post"]
    template_name = "accounts/notifications.html#toasts"

    def post(self, request: HttpRequest) -> HttpResponse:
        claimed = services.claim_toasts(user=request.user, now=timezone.now())
        return self.render_to_response(self.get_context_data(toasts=claimed))


class NotificationsRead(Door):
    """Mark all as read."""

    policy = PERSON
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        services.mark_read(user=request.user, now=timezone.now())
        return go_to(request, reverse("accounts:notifications"))


class NotificationOpen(Door):
    """Mark one as read and go where it points."""

    policy = PERSON
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = get_object_or_404(Notification, pk=pk, user=request.user)
        services.mark_read(user=request.user, now=timezone.now(), pk=notice.pk)
        url = notice.url
        if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
            url = reverse("accounts:notifications")
        return go_to(request, url)
