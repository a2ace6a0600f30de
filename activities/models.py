"""Activities on records, and the reminders set on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.querysets import ActivityQuerySet, MarkQuerySet
from records.history import tracked
from records.models import Record, trash_index


class Kind(models.TextChoices):
    """What kind of work it is."""

    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    TASK = "task", _("Task")
    NOTE = "note", _("Note")


class Direction(models.TextChoices):
    """Who called or wrote."""

    IN = "in", _("Incoming")
    OUT = "out", _("Outgoing")


class CallResult(models.TextChoices):
    """How a call ended."""

    TALKED = "talked", _("Talked")
    NO_ANSWER = "no_answer", _("No answer")
    CALL_BACK = "call_back", _("Asked to call back")


@tracked
class Activity(Record):
    """A call, meeting, e-mail, task or note on the timeline of its records.

    Planned while `done_at` is empty and `due_at` is set; history once `done_at` is set.
    The owner is the person who does it. `happened_at` orders the timeline: the time it was
    done, else due, else created; services keep it.
    """

    record_type = "activity"

    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    subject = models.CharField(_("What to do"), max_length=200, blank=True)
    body = models.TextField(_("Details"), blank=True)
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    ends_at = models.DateTimeField(_("Ends"), null=True, blank=True)
    done_at = models.DateTimeField(_("Done"), null=True, blank=True)
    happened_at = models.DateTimeField()
    direction = models.CharField(
        _("Direction"), max_length=3, choices=Direction.choices, blank=True
    )
    result = models.CharField(_("Result"), max_length=12, choices=CallResult.choices, blank=True)
    duration = models.PositiveIntegerField(_("Duration, seconds"), null=True, blank=True)
    place = models.CharField(_("Place"), max_length=200, blank=True)
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    deal = models.ForeignKey(
        "deals.Deal", null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    contact = models.ForeignKey(
        "contacts.Contact",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="activities",
    )
    company = models.ForeignKey(
        "contacts.Company",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="activities",
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("Activity")
        verbose_name_plural = _("Activities")
        indexes = [
            trash_index("activity"),
            models.Index(fields=["lead", "-happened_at", "-id"], name="activity_of_lead"),
            models.Index(fields=["deal", "-happened_at", "-id"], name="activity_of_deal"),
            models.Index(fields=["contact", "-happened_at", "-id"], name="activity_of_contact"),
            models.Index(fields=["company", "-happened_at", "-id"], name="activity_of_company"),
            models.Index(
                fields=["owner", "due_at"],
                name="activity_plan",
                condition=Q(done_at__isnull=True, due_at__isnull=False, deleted_at__isnull=True),
            ),
            models.Index(
                fields=["deal", "due_at"],
                name="activity_next_of_deal",
                condition=Q(done_at__isnull=True, due_at__isnull=False, deleted_at__isnull=True),
            ),
            models.Index(
                fields=["lead", "due_at"],
                name="activity_next_of_lead",
                condition=Q(done_at__isnull=True, due_at__isnull=False, deleted_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "done_at"],
                name="activity_done",
                condition=Q(done_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(due_at__isnull=False) | Q(kind="note"),
                name="activity_planned_or_done",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("due_at")),
                name="activity_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk])

    @property
    def is_planned(self) -> bool:
        """Still to be done."""
        return self.done_at is None and self.due_at is not None


class MarkKind(models.TextChoices):
    """What a mark tells of the market."""

    COMPETITOR = "competitor", _("Competitor")
    OBJECTION = "objection", _("Objection")
    PRICE = "price", _("Price")
    DELIVERY = "delivery", _("Delivery")
    OTHER = "other", pgettext_lazy("mark", "Other")


class Mark(models.Model):
    """What customers say, to be put on calls, meetings and notes by one click."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    kind = models.CharField(
        _("What it tells"), max_length=12, choices=MarkKind.choices, default=MarkKind.OTHER
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("Active"), default=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mark")
        verbose_name_plural = _("Marks")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ActivityMark(models.Model):
    """A mark on an activity, with who put it and when."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="marked")
    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="uses")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["mark__position", "mark__name"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "mark"], name="mark_once_on_an_activity")
        ]
        indexes = [models.Index(fields=["mark", "activity"], name="activities_of_mark")]

    def __str__(self) -> str:
        return f"{self.activity_id}: {self.mark_id}"


class ReminderState(models.TextChoices):
    """The life of a reminder."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class Reminder(models.Model):
    """A due row the worker sweeps: taken with a lease, delivered once per activity and moment.

    In the page exactly once (unique notification key), by e-mail at least once with a stable
    Message-ID.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReminderState.choices, default=ReminderState.WAITING
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    shown_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("Reminder")
        verbose_name_plural = _("Reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "user", "due_at"], name="reminder_occurrence_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="reminder_due", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.due_at:%Y-%m-%d %H:%M}"
