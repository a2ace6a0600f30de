"""What the customers of the demo company say: marks on talks whose words tell it."""

from activities.models import Activity, ActivityMark, Kind, Mark, MarkKind

SAID = {
    MarkKind.COMPETITOR: ("поставщик", "конкурент", "постачальник", "supplier", "competitor"),
    MarkKind.PRICE: ("скидк", "знижк", "5 %"),
    MarkKind.DELIVERY: ("срок", "строк", "dates", "термін"),
    MarkKind.OBJECTION: ("ждёт", "чекає", "expects", "решение принимает", "рішення ухвалює"),
}


def put_marks(work: list[Activity]) -> None:
    """A mark of each kind on the talks that have its words."""
    known: dict[str, Mark] = {}
    for mark in Mark.objects.filter(is_active=True).order_by("-position", "-name"):
        known[mark.kind] = mark
    rows = []
    for activity in work:
        words = activity.body.lower()
        if activity.done_at is None or activity.kind not in (Kind.CALL, Kind.NOTE):
            continue
        rows += [
            ActivityMark(
                activity=activity, mark=known[kind], by=activity.owner, at=activity.done_at
            )
            for kind, signs in SAID.items()
            if kind in known and any(sign in words for sign in signs)
        ]
    ActivityMark.objects.bulk_create(rows, batch_size=2000)
