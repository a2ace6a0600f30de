"""Dashboards: the board, its tiles one by one, and every change to them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from psycopg.errors import QueryCanceled

from records.idempotency import submit_once
from records.policy import right
from records.views import RecordFormView, go_to
from reports.dashboards import services
from reports.dashboards.faces import bars_of, figure_of
from reports.dashboards.forms import DashboardForm, PinForm
from reports.dashboards.models import Dashboard, Tile
from reports.making import made, pages, question_of
from reports.periods import PRESETS
from reports.views.pages import SumsPage, filter_words

VIEW = right("view_reports")
LONGEST_ORDER = 1000


class Board(SumsPage, TemplateView):
    """A dashboard; each tile is asked for by itself, so that a slow one holds nothing."""

    policy = VIEW
    template_name = "reports/dashboard.html"

    def get_context_data(self, pk: int | None = None, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        seen = list(Dashboard.objects.seen_by(user))
        board = (
            get_object_or_404(Dashboard.objects.seen_by(user), pk=pk) if pk else first(seen, user)
        )
        period = self.request.GET.get("period", "")
        period = period if period in PRESETS else ""
        tiles = list(board.tiles.all()) if board else []
        is_own = bool(board) and board.owner_id == user.pk
        return super().get_context_data(
            board=board,
            boards=seen,
            tiles=[(tile, tile.title or question_of(tile.report), address(tile)) for tile in tiles],
            period=period,
            periods=[("", _("As pinned")), *PRESETS.items()],
            is_own=is_own,
            arranging=is_own and "arrange" in self.request.GET,
            **kwargs,
        )


def address(tile: Tile) -> str:
    """The page of the report as it was pinned."""
    name = tile.report if tile.report in pages() else "index"
    return f"{reverse(f'reports:{name}')}?{tile.query}"


def first(seen: list[Dashboard], user: Any) -> Dashboard | None:
    """One's own before that of a role before those of colleagues."""
    own = [board for board in seen if board.owner_id == user.pk and not board.role_id]
    of_role = [board for board in seen if board.role_id]
    return next(iter([*own, *of_role, *seen]), None)


class TileShow(SumsPage, TemplateView):
    """The inside of one tile, counted now over what the viewer may see."""

    policy = VIEW
    template_name = "reports/tile.html"

    def get_context_data(self, pk: int, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        boards = Dashboard.objects.seen_by(user).values("pk")
        tile = get_object_or_404(Tile, pk=pk, dashboard__in=boards)
        try:
            found = made(tile.report, tile.query, user, self.request.GET.get("period", ""))
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            closed = _("The report takes too long for a page")
            return super().get_context_data(tile=tile, closed=closed, **kwargs)
        except (PermissionDenied, KeyError) as error:
            closed = (
                str(error) if isinstance(error, PermissionDenied) else _("There is no such report.")
            )
            return super().get_context_data(tile=tile, closed=closed, **kwargs)
        report, form = found.report, found.form
        is_full = report is not None and not report.empty
        label, bars = bars_of(report) if report and is_full else ("", [])
        return super().get_context_data(
            tile=tile,
            report=report,
            url=found.url,
            figure=figure_of(report) if report and is_full else None,
            bars=bars,
            bars_label=label,
            span=form.span if "from" in form.fields else "",
            words=filter_words(form),
            is_cut=bool(form.errors),
            **kwargs,
        )


class DashboardCreate(SumsPage, RecordFormView):
    """A new dashboard without tiles."""

    policy = VIEW
    form_class = DashboardForm
    title = gettext_lazy("New dashboard")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("dashboards:index"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        def save() -> str:
            form.instance.owner = self.request.user
            return form.save().get_absolute_url()

        key = form.cleaned_data["form_key"]
        return go_to(self.request, submit_once(self.request.user, key, save))


class DashboardEdit(SumsPage, RecordFormView):
    """Name and who sees it, by the owner."""

    policy = VIEW
    form_class = DashboardForm
    title = gettext_lazy("Dashboard")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.board: Any = None
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        self.board = own_board(self.request.user, self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": self.board}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        return {**found, "cancel_url": self.board.get_absolute_url()}

    def form_valid(self, form: Any) -> HttpResponse:
        return go_to(self.request, form.save().get_absolute_url())


def own_board(user: Any, pk: int) -> Dashboard:
    """The person's own dashboard. Raises Http404 for all others."""
    return get_object_or_404(Dashboard.objects.kept_by(user), pk=pk)


def own_tile(user: Any, pk: int) -> Tile:
    """A tile of the person's own dashboard. Raises Http404 for all others."""
    rows = Tile.objects.filter(dashboard__in=Dashboard.objects.kept_by(user).values("pk"))
    return get_object_or_404(rows.select_related("dashboard"), pk=pk)


class Deed(SumsPage):
    """A press of a button."""

    policy = VIEW
    http_method_names = ["post"]


class DashboardRemove(Deed):
    """The owner takes the dashboard away, for everybody."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        own_board(request.user, pk).delete()
        return go_to(request, reverse("dashboards:index"))


class DashboardCopy(Deed):
    """One's own from any that one sees."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        board = get_object_or_404(Dashboard.objects.seen_by(user), pk=pk)
        return go_to(request, services.copy(dashboard=board, by=user).get_absolute_url())


class DashboardBegin(Deed):
    """The usual tiles."""

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        return go_to(request, services.begin(by=user).get_absolute_url())


class DashboardOrder(Deed):
    """Tiles in the order in which they were dragged: `tile` again and again."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        board = own_board(request.user, pk)
        texts = request.POST.getlist("tile")[:LONGEST_ORDER]
        keys = [int(text) for text in texts if text.isdecimal() and len(text) < 19]
        services.put_in_order(dashboard=board, keys=keys)
        return HttpResponse(status=204)


class TileMove(Deed):
    """One place earlier or later."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tile = own_tile(request.user, pk)
        services.move(tile=tile, step=-1 if request.POST.get("to") == "up" else 1)
        return go_to(request, f"{tile.dashboard.get_absolute_url()}?arrange=1")


class TileRemove(Deed):
    """Off the dashboard."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tile = own_tile(request.user, pk)
        tile.delete()
        return go_to(request, f"{tile.dashboard.get_absolute_url()}?arrange=1")


class PinReport(SumsPage, RecordFormView):
    """A report with its parameters onto a dashboard."""

    policy = VIEW
    form_class = PinForm
    title = gettext_lazy("Pin to a dashboard")
    submit_label = gettext_lazy("Pin")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "known": tuple(pages())}

    def get_initial(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {
            "report": self.request.GET.get("report", "funnel"),
            "query": self.request.GET.get("query", "")[:1000],
            "dashboard": Dashboard.objects.kept_by(user).order_by("-pk").first(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:index"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.request.user
        values = form.cleaned_data

        def save() -> str:
            board = values["dashboard"] or Dashboard.objects.create(
                owner=user, name=services.free_name(_("My dashboard"), user)
            )
            names = ("report", "query", "title")
            services.pin(dashboard=board, **{name: values[name] for name in names})
            return board.get_absolute_url()

        try:
            return go_to(self.request, submit_once(user, values["form_key"], save))
        except services.TooManyTiles:
            form.add_error(
                "dashboard",
                _("A dashboard holds %(most)s tiles at most.") % {"most": services.MOST_TILES},
            )
            return self.form_invalid(form)
