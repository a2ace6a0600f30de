"""What deals are grouped by in reports, and the addresses of each group."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department, User
from deals.models import Competitor, LossReason, Pipeline, Stage
from reports.asking import Asked

Names = dict[Any, str]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column of deals with names for its values.

    `param` asks the list of deals for one value; an empty one, or a deal without a value, is
    asked of the rows of reports by `own`.
    """

    label: Promise
    column: str
    param: str
    own: str
    names: Callable[[set[Any], Asked], Names]

    def named(self, keys: Iterable[Any], asked: Asked) -> Names:
        """Words of every value; deals without one are named too."""
        found = self.names({key for key in keys if key not in (None, "")}, asked)
        return {key: found.get(key) or str(_("not given")) for key in keys}


def _people(keys: set[Any], asked: Asked) -> Names:
    return {pk: row.full_name or row.email for pk, row in User.objects.in_bulk(keys).items()}


def _reasons(keys: set[Any], asked: Asked) -> Names:
    return {pk: row.name for pk, row in LossReason.objects.in_bulk(keys).items()}


def _competitors(keys: set[Any], asked: Asked) -> Names:
    return {pk: row.name for pk, row in Competitor.objects.in_bulk(keys).items()}


def _stages(keys: set[Any], asked: Asked) -> Names:
    """Stages of several pipelines carry the name of theirs."""
    rows = list(Stage.objects.filter(pk__in=keys).select_related("pipeline"))
    is_one = len({row.pipeline_id for row in rows}) < 2
    return {row.pk: row.name if is_one else f"{row.pipeline.name}: {row.name}" for row in rows}


def _departments(keys: set[Any], asked: Asked) -> Names:
    return {pk: row.name for pk, row in Department.objects.in_bulk(keys).items()}


def _pipelines(keys: set[Any], asked: Asked) -> Names:
    return {pk: row.name for pk, row in Pipeline.objects.in_bulk(keys).items()}


def _texts(keys: set[Any], asked: Asked) -> Names:
    return {key: str(key) for key in keys}


DIMENSIONS = {
    "reason": Dimension(
        gettext_lazy("Loss reason"), "loss_reason", "loss_reason", "reason", _reasons
    ),
    "competitor": Dimension(
        gettext_lazy("Competitor"), "competitor", "competitor", "competitor", _competitors
    ),
    "stage": Dimension(gettext_lazy("Stage"), "stage", "stage", "stage", _stages),
    "manager": Dimension(gettext_lazy("Manager"), "owner", "owner", "owner", _people),
    "department": Dimension(
        gettext_lazy("Department"), "owner__department", "", "unit", _departments
    ),
    "source": Dimension(gettext_lazy("Source"), "source", "source", "source", _texts),
    "pipeline": Dimension(gettext_lazy("Pipeline"), "pipeline", "pipeline", "pipeline", _pipelines),
}


def offered(names: Iterable[str], user: Any) -> list[str]:
    """The dimensions the person may group by: one made of a field hidden from him is left out."""
    hidden = user.fields("deal").hidden
    return [name for name in names if DIMENSIONS[name].column not in hidden]
