"""Addresses of reports."""

from records.views import record_paths
from reports.views import (
    clv,
    compare,
    forecast,
    funnel,
    index,
    ledger,
    losses,
    managers,
    plan,
    rfm,
    rows,
    saved,
    score,
    sources,
    velocity,
    voice,
)

app_name = "reports"

urlpatterns = record_paths(
    [
        ("", "index", index.ReportsIndex),
        ("funnel/", "funnel", funnel.FunnelPage),
        ("funnel/compare/", "compare", compare.ComparePage),
        ("funnel/rows/", "funnel_rows", funnel.FunnelRows),
        ("save/", "save", saved.SaveReport),
        ("saved/", "saved", saved.SavedReports),
        ("forecast/", "forecast", forecast.ForecastPage),
        ("forecast/rows/", "forecast_rows", forecast.ForecastRows),
        ("losses/", "losses", losses.LossesPage),
        ("deals/", "deals", rows.DealRows),
        ("sources/", "sources", sources.SourcesPage),
        ("sources/leads/", "source_leads", sources.SourceLeads),
        ("sources/costs/", "costs", sources.Costs),
        ("sources/costs/set/", "cost_set", sources.SetCost),
        ("retention/", "retention", ledger.RetentionPage),
        ("purchases/", "purchases", ledger.BillsPage),
        ("purchases/buyers/", "buyers", ledger.BuyerRows),
        ("purchases/bought/", "bought", ledger.PurchaseRows),
        ("abc/", "abc", ledger.AbcPage),
        ("abc/clients/", "abc_clients", ledger.AbcClients),
        ("velocity/", "velocity", velocity.VelocityPage),
        ("push/", "push", velocity.PushPage),
        ("score/", "score", score.ScorePage),
        ("voice/", "voice", voice.VoicePage),
        ("voice/rows/", "voice_rows", voice.MarkedRows),
        ("voice/deals/", "voice_deals", voice.MarkedDeals),
        ("plan/", "plan", plan.PlanPage),
        ("plan/set/", "plan_set", plan.SetPlan),
        ("managers/", "managers", managers.ManagersPage),
        ("managers/worked/", "worked", managers.WorkedRows),
        ("rfm/", "rfm", rfm.RfmGrid),
        ("rfm/customers/", "rfm_customers", rfm.RfmCustomers),
        ("rfm/card/", "rfm_card", rfm.RfmCard),
        ("rfm/moves/", "rfm_moves", rfm.RfmMoves),
        ("clv/", "clv", clv.CustomerValues),
    ]
)
