"""The board: one column for each stage of a pipeline."""

from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from catalog.services import base_code
from deals.board import Column, columns, more_cards
from deals.filters import DealFilter
from deals.models import Deal, Pipeline, Stage
from deals.narrowing import Narrowing
from deals.totals import Total
from records.policy import record
from records.views import Door

LIST_ONLY = (
    "status",
    "stage",
    "lost_stage",
    "reached",
    "loss_reason",
    "competitor",
    "closed_from",
    "closed_to",
)


def narrowed(request: HttpRequest) -> DealFilter:
    """Open deals narrowed as the board the request came from; the present address otherwise."""
    params = QueryDict(urlsplit(request.htmx.current_url or "").query, mutable=True)
    rows = Deal.objects.visible_to(request.user).open()
    return DealFilter(_for_board(params), queryset=rows, request=request)


def board_address(request: HttpRequest) -> str:
    """The board the request came from, with its filter."""
    query = urlsplit(request.htmx.current_url or "").query
    return reverse("deals:board") + (f"?{query}" if query else "")


def _for_board(params: QueryDict) -> QueryDict:
    for name in LIST_ONLY:
        params.pop(name, None)
    return params


class BoardRows:
    """Open deals of one pipeline, narrowed by the address; filters of closed deals do not apply."""

    request: HttpRequest

    @cached_property
    def found(self) -> DealFilter:
        rows = Deal.objects.visible_to(self.request.user).open()
        params = _for_board(self.request.GET.copy())
        return DealFilter(params, queryset=rows, request=self.request)

    @cached_property
    def pipelines(self) -> list[Pipeline]:
        return list(Pipeline.objects.filter(is_active=True))

    @cached_property
    def pipeline(self) -> Pipeline | None:
        """The one named by the address, else the default, else the first."""
        self.found.form.is_valid()
        named = self.found.form.cleaned_data.get("pipeline")
        default = [row for row in self.pipelines if row.is_default]
        return named or next(iter([*default, *self.pipelines]), None)


class Board(BoardRows, Door, TemplateView):
    """Columns with figures, twenty cards each; a phone shows one stage at a time."""

    policy = record("deal")
    template_name = "deals/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stages = Stage.objects.filter(pipeline=self.pipeline, is_active=True)
        made = columns(self.found.qs, list(stages), timezone.now())
        before, now, after = self._stand(made)
        return super().get_context_data(
            columns=made,
            now_column=now,
            before=before,
            after=after,
            total=sum((column.total for column in made), Total()),
            narrowing=Narrowing(self.request, self.found, self.pipeline),
            pipelines=self.pipelines,
            pipeline=self.pipeline,
            base=base_code(),
            can_create=bool(self.request.user.grant("deal", "create")),
            **kwargs,
        )

    def _stand(self, made: list[Column]) -> tuple[Column | None, Column | None, Column | None]:
        """The stage a phone shows, named by the address or the first, and its neighbours."""
        if not made:
            return None, None, None
        keys = [str(column.stage.pk) for column in made]
        named = self.request.GET.get("stage", "")
        place = keys.index(named) if named in keys else 0
        made[place].is_now = True
        return (
            made[place - 1] if place else None,
            made[place],
            made[place + 1] if place + 1 < len(made) else None,
        )


class BoardMore(BoardRows, Door):
    """The next twenty cards of one column."""

    policy = record("deal")

    def get(self, request: HttpRequest, stage_id: int) -> HttpResponse:
        stage = get_object_or_404(Stage, pk=stage_id)
        after = request.GET.get("after", "")
        narrowing = Narrowing(request, self.found, None)
        cards, next_after = more_cards(self.found.qs, stage, after, timezone.now())
        part = "#cards" if request.htmx else ""
        return TemplateResponse(
            request,
            f"deals/column.html{part}",
            {
                "cards": cards,
                "next_after": next_after,
                "stage": stage,
                "back": quote(reverse("deals:board") + narrowing.query(), safe=""),
                "narrowing": narrowing,
            },
        )
