"""Addresses of deals and of the settings of pipelines."""

from django.urls import include, path

from deals.views import acts, board, cards, expected, lists, participants, pipelines
from records.views import record_paths

app_name = "deals"

deals = record_paths(
    [
        ("", "list", lists.DealList),
        ("board/", "board", board.Board),
        ("board/<int:stage_id>/more/", "board_more", board.BoardMore),
        ("forecast/", "forecast", expected.Forecast),
        ("filter/", "filter", lists.FilterPage),
        ("panel/", "panel", lists.DealPanel),
        ("export/", "export", lists.DealExport),
        ("new/", "create", cards.DealCreate),
        ("<int:pk>/", "detail", cards.DealDetail),
        ("<int:pk>/edit/", "update", cards.DealUpdate),
        ("<int:pk>/history/", "history", cards.DealHistory),
        ("<int:pk>/lines/", "lines", acts.DealLines),
        ("<int:pk>/move/", "move", acts.DealMove),
        ("<int:pk>/month/", "month", expected.DealMonth),
        ("<int:pk>/win/", "win", acts.DealWin),
        ("<int:pk>/lose/", "lose", acts.DealLose),
        ("<int:pk>/reopen/", "reopen", acts.DealReopen),
        ("<int:pk>/assign/", "assign", acts.DealAssign),
        ("<int:pk>/participants/", "participants", participants.DealParticipants),
        ("<int:pk>/delete/", "delete", acts.DealDelete),
    ]
)
settings = record_paths(
    [
        ("pipelines/", "pipelines", pipelines.PipelineList),
        ("pipelines/new/", "pipeline_create", pipelines.PipelineCreate),
        ("pipelines/<int:pk>/", "pipeline_edit", pipelines.PipelineUpdate),
        ("pipelines/<int:pk>/default/", "pipeline_default", pipelines.PipelineDefault),
        ("pipelines/<int:pk>/archive/", "pipeline_archive", pipelines.PipelineArchive),
        ("pipelines/<int:pk>/restore/", "pipeline_restore", pipelines.PipelineRestore),
        ("pipelines/<int:pk>/stages/new/", "stage_create", pipelines.StageCreate),
        ("stages/<int:pk>/", "stage_edit", pipelines.StageUpdate),
        ("stages/<int:pk>/up/", "stage_up", pipelines.StageUp),
        ("stages/<int:pk>/down/", "stage_down", pipelines.StageDown),
        ("stages/<int:pk>/archive/", "stage_archive", pipelines.StageArchive),
        ("loss-reasons/new/", "reason_create", pipelines.LossReasonCreate),
        ("loss-reasons/<int:pk>/", "reason_edit", pipelines.LossReasonUpdate),
        ("competitors/new/", "competitor_create", pipelines.CompetitorCreate),
        ("competitors/<int:pk>/", "competitor_edit", pipelines.CompetitorUpdate),
        ("currencies/", "rates", pipelines.Rates),
    ]
)

urlpatterns = [
    path("deals/", include(deals)),
    path("settings/", include(settings)),
]
