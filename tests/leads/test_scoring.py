"""The chance of a lead: the fit against other arithmetic, only what was known then, who sees it."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from scipy.optimize import minimize

from accounts.models import FieldRule
from activities.models import Activity
from deals.models import Deal
from leads.models import FitKind, Lead, LeadScore, ScoreFit
from leads.scoring import giving, training
from leads.scoring.features import LEAST, REST, scale_of
from leads.scoring.fitting import auc, chances, fit, gradient, loss, measures, trained
from leads.scoring.reading import stories
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def table_of(seed: int, rows: int = 600, columns: int = 6):
    chance = np.random.default_rng(seed)
    table = chance.normal(size=(rows, columns))
    table[:, 0] = (table[:, 0] > 0).astype(float)
    truth = chance.normal(size=columns)
    won = (chance.random(rows) < chances(table @ truth - 0.5)).astype(float)
    return table, won


@pytest.mark.parametrize("penalty", [0.3, 3.0, 30.0])
def test_fit_is_the_optimum_that_scipy_finds_and_its_slope_is_zero(penalty):
    table, won = table_of(3)
    found = fit(table, won, penalty)
    weights = np.concatenate(([found.constant], found.weights))
    assert np.abs(gradient(weights, table, won, penalty)).max() < 1e-5
    other = minimize(
        loss, np.zeros(7), (table, won, penalty), "L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9}
    )
    assert weights == pytest.approx(other.x, abs=1e-4)
    near = np.array(
        [
            (loss(weights + step, table, won, penalty) - loss(weights - step, table, won, penalty))
            for step in 1e-5 * np.eye(7)
        ]
    )
    assert np.abs(near / 2e-5).max() < 1e-3


def test_fit_does_not_lose_its_way_where_a_column_tells_everything():
    table = np.array([[1.0], [1.0], [0.0], [0.0]] * 50)
    found = fit(table, table[:, 0], 1.0)
    assert 0.9 < float(chances(np.array([found.constant + found.weights[0]]))[0]) < 1


def test_auc_counts_pairs():
    chance = np.random.default_rng(1)
    told = np.round(chance.random(80), 1)
    won = (chance.random(80) < 0.4).astype(float)
    pairs = [
        1.0 if one > other else 0.5 if one == other else 0.0
        for one in told[won == 1]
        for other in told[won == 0]
    ]
    assert auc(told, won) == pytest.approx(np.mean(pairs))
    assert auc(told, np.ones(80)) is None


def test_chances_come_true_by_tenths_on_leads_the_fit_has_not_seen():
    table, won = table_of(8, rows=4000)
    _found, told = trained(table, won, np.arange(4000.0))
    found = measures(told, won)
    assert len(found["bins"]) == 10
    assert sum(row["readings"] for row in found["bins"]) == 4000
    assert found["ece"] < 0.03
    assert found["brier"] < found["brier_of_base"]
    assert found["brier"] == pytest.approx(np.mean((told - won) ** 2), abs=1e-4)


def test_rows_of_one_lead_are_never_parted():
    table, won = table_of(2, rows=300)
    twice = np.repeat(table, 2, axis=0)
    keys = np.repeat(np.arange(300.0), 2)
    noise = np.random.default_rng(5).normal(size=300)
    own = np.column_stack((twice, np.repeat(noise, 2)))
    folds = training_folds(keys)
    assert all(folds[at] == folds[at + 1] for at in range(0, 600, 2))
    assert len(set(folds)) == 5
    assert trained(own, np.repeat(won, 2), keys)[1].shape == (600,)


def training_folds(keys):
    from leads.scoring.fitting import folds_of

    return list(folds_of(keys))


# leads


def history(people, *, won: int = 210, lost: int = 260, seed: int = 4) -> list[Lead]:
    """Leads of a year with outcomes; those of “Fair” and with a company are won more often."""
    chance = Random(seed)
    sources = [factories.source(name) for name in ("Fair", "Ads", "Site")]
    reason = factories.loss_reason()
    stage = factories.pipeline().stages.first()
    leads, deals = [], []
    for number in range(won + lost):
        is_won = number < won
        came = NOW - timedelta(days=chance.uniform(60, 360))
        left = came + timedelta(days=chance.uniform(0.5, 10))
        named = chance.random() < (0.8 if is_won else 0.4)
        lead = Lead(
            owner=people.manager,
            last_name=f"Lead {number}",
            created_at=came,
            source=chance.choices(sources, [5, 1, 2] if is_won else [1, 4, 2])[0],
            company_name="Firm" if named else "",
            amount=Decimal(chance.randint(10, 900)) * 1000,
            status="rejected",
            closed_at=left,
        )
        if is_won or chance.random() < 0.3:
            lead.status = "converted"
            lead.deal = Deal(
                title=f"Deal {number}",
                owner=people.manager,
                pipeline=stage.pipeline,
                stage=stage,
                currency=factories.currency(),
                created_at=left,
                stage_entered_at=left,
                status="won" if is_won else "lost",
                closed_at=left + timedelta(days=chance.uniform(1, 20)),
                loss_reason=None if is_won else reason,
            )
            deals.append(lead.deal)
        leads.append(lead)
    Deal.objects.bulk_create(deals)
    for lead in leads:
        lead.deal = lead.deal
    Lead.objects.bulk_create(leads)
    date_history()
    return leads


def date_history() -> None:
    """The history of leads begins when they came."""
    event = Lead.pgh_event_model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {event} e SET pgh_created_at = CASE WHEN e.pgh_label = 'insert' "
            "THEN l.created_at ELSE coalesce(l.closed_at, l.created_at) END "
            "FROM leads_lead l WHERE l.id = e.pgh_obj_id"
        )


@pytest.fixture
def taught(people):
    rows = history(people)
    return training.train(now=NOW), rows


def test_training_learns_what_is_true_and_says_how_good_it_is(taught, people):
    found, _rows = taught
    assert (found.kind, found.won, found.lost) == (FitKind.LOGISTIC, 210, 260)
    assert 0.65 < found.measures["auc"] < 0.95
    assert found.is_current
    good = factories.lead(people.manager, source=factories.source("Fair"), company_name="Firm")
    bad = factories.lead(people.manager, source=factories.source("Ads"))
    assert giving.refresh(now=NOW + DAY) == 2
    scores = {row.lead_id: row for row in LeadScore.objects.all()}
    assert scores[good.pk].chance > scores[bad.pk].chance + 20
    assert all(1 <= row.chance <= 99 for row in scores.values())
    reason = scores[good.pk].reasons[0]
    assert (reason["what"], reason["value"]) == ("source", str(good.source_id))
    assert reason["points"] > 0


def test_field_filled_after_the_outcome_does_not_enter(taught):
    """A city written into every won lead after it was won would tell all: it must tell nothing."""
    found, rows = taught
    for row in rows[:210]:
        Lead.objects.filter(pk=row.pk).update(city="Won city", title="Won", campaign="Won")
    again = training.train(now=NOW)
    assert again.measures == found.measures
    assert again.parameters == found.parameters


def test_work_after_the_outcome_does_not_enter(taught, people):
    """Calls entered after the closing do not count, nor ones dated back into the open days."""
    found, rows = taught
    for row in rows[:210]:
        factories.activity(
            people.manager,
            lead=row,
            kind="call",
            result="talked",
            created_at=row.created_at,
            done_at=row.created_at + timedelta(minutes=5),
        )
    assert training.train(now=NOW).parameters == found.parameters


def test_lead_brought_in_with_its_outcome_is_not_learnt_from(people):
    """Its history begins after the closing: what was known then is not known now."""
    history(people)
    event = Lead.pgh_event_model
    gone = list(Lead.objects.order_by("-pk").values_list("pk", flat=True)[:20])
    event.objects.filter(pgh_obj_id__in=gone).update(pgh_created_at=NOW)
    found = training.train(now=NOW)
    assert (found.kind, found.won, found.lost) == (FitKind.LOGISTIC, 210, 240)


def test_work_is_read_as_it_stood_at_the_moment(people):
    row = factories.lead(people.manager, created_at=NOW - 9 * DAY)
    call = factories.activity(
        people.manager,
        lead=row,
        kind="call",
        result="no_answer",
        created_at=NOW - 8 * DAY,
        done_at=NOW - 8 * DAY,
    )
    events = Activity.pgh_event_model.objects.filter(pgh_obj_id=call.pk)
    events.update(pgh_created_at=NOW - 8 * DAY)
    Activity.objects.filter(pk=call.pk).update(result="talked")
    events.filter(result="talked").update(pgh_created_at=NOW - 2 * DAY)
    (story,) = stories([row.pk], is_present=True)
    told = [dict(story.at(NOW - days * DAY).deeds) for days in (9, 5, 1)]
    assert told == [{}, {"missed": 1}, {"talked": 1}]
    Activity.objects.filter(pk=call.pk).update(deleted_at=NOW)
    events.filter(deleted_at__isnull=False).update(pgh_created_at=NOW)
    (story,) = stories([row.pk], is_present=True)
    assert dict(story.at(NOW - DAY).deeds) == {"talked": 1}
    assert dict(story.at(NOW).deeds) == {}


def test_rare_values_are_pooled_and_blank_is_a_level(people):
    for number in range(LEAST + 3):
        city = "Kyiv" if number < LEAST else "Rare"
        factories.lead(people.manager, city=city if number % 2 else "Kyiv", created_at=NOW)
    for _ in range(LEAST):
        factories.lead(people.manager, created_at=NOW)
    rows = [story.at(NOW) for story in stories(list(Lead.objects.values_list("pk", flat=True)),
            is_present=True)]  # fmt: skip
    scale = scale_of(rows)
    assert scale.levels["city"] == ["", "kyiv"]
    rare = next(row for row in rows if row.values["city"] == "Rare")
    assert scale.level("city", rare) == REST


def test_few_leads_give_the_smoothed_share_of_the_source(people):
    history(people, won=30, lost=50)
    found = training.train(now=NOW)
    assert found.kind == FitKind.RATES
    fair = factories.source("Fair")
    won = Lead.objects.filter(source=fair, deal__status="won").count()
    known = Lead.objects.filter(source=fair).count()
    row = factories.lead(people.manager, source=fair)
    nothing = factories.lead(people.manager, source=factories.source("Unknown"))
    giving.refresh(now=NOW + DAY)
    assert row.score.chance == round(100 * (won + 1) / (known + 2))
    assert nothing.score.chance == 50


def test_training_comes_once_a_week(taught):
    assert training.train_when_due(now=NOW + 6 * DAY) is None
    later = training.train_when_due(now=NOW + 7 * DAY)
    assert later.is_current
    assert ScoreFit.objects.filter(is_current=True).count() == 1
    assert ScoreFit.objects.count() == 2


def test_changed_lead_is_scored_again_and_a_closed_one_loses_its_chance(taught, people):
    row = factories.lead(people.manager, source=factories.source("Ads"))
    giving.refresh(now=row.updated_at + timedelta(minutes=1))
    version, changed = Lead.objects.values_list("version", "updated_at").get(pk=row.pk)
    assert (version, changed) == (row.version, row.updated_at)
    events = Lead.pgh_event_model.objects.filter(pgh_obj_id=row.pk)
    assert events.count() == 1
    now = row.updated_at + timedelta(minutes=2)
    assert giving.refresh(now=now) == 0
    former = row.score.chance
    row.source = factories.source("Fair")
    row.save()
    LeadScore.objects.update(scored_at=row.updated_at - timedelta(minutes=1))
    assert giving.refresh(now=now) == 1
    assert LeadScore.objects.get().chance > former
    Lead.objects.filter(pk=row.pk).update(status="rejected", closed_at=now)
    giving.refresh(now=now)
    assert Lead.objects.get(pk=row.pk).chance == 0
    assert LeadScore.objects.filter(lead=row.pk).exists()


# pages


def test_card_says_why_without_what_the_reader_may_not_see(taught, people, sign_in):
    row = factories.lead(people.manager, source=factories.source("Fair"), company_name="Firm")
    giving.refresh(now=NOW + DAY)
    url = reverse("leads:detail", args=[row.pk])
    page = sign_in(people.manager).get(url)
    told = [reason.words for reason in page.context["score"].reasons]
    assert "source: Fair" in told
    assert "the company is named" in told
    assert f"{row.score.chance}%: why" in page.content.decode()
    role = people.manager.roles_given.get().role
    FieldRule.objects.create(role=role, record_type="lead", field="source", level=0)
    told = [reason.words for reason in sign_in(people.manager).get(url).context["score"].reasons]
    assert "source: Fair" not in told
    assert told


def test_list_sorts_and_filters_by_chance(people, sign_in):
    for chance in (10, 70, 40):
        Lead.objects.filter(pk=factories.lead(people.manager).pk).update(chance=chance)
    client = sign_in(people.manager)
    page = client.get("/leads/?sort=chance")
    assert [row.chance for row in page.context["object_list"]] == [70, 40, 10]
    page = client.get("/leads/?chance_from=30&chance_to=50")
    assert [row.chance for row in page.context["object_list"]] == [40]
    assert client.get("/leads/?chance_from=x").status_code == 200


def test_scoring_asks_as_often_for_many_leads_as_for_one(taught, people):
    counts = []
    for many in (1, 30):
        for _ in range(many):
            factories.lead(people.manager)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            giving.refresh(now=NOW + DAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]
