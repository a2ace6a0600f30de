"""Arranging pipelines keeps the history and the deals in order."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Currency
from deals.defaults import create_defaults
from deals.models import Deal, LossReason, Pipeline, Stage
from deals.services import DealRuleError, lose_deal, move_deal
from deals.services.pipelines import (
    MOST_STAGES,
    add_loss_reason,
    add_pipeline,
    add_stage,
    archive_pipeline,
    archive_stage,
    make_default,
    restore_pipeline,
    shift_stage,
)
from deals.trades import begin_with
from tests import factories as make

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def stages(people):
    return list(make.pipeline().stages.order_by("position"))


def names(pipeline):
    return list(pipeline.stages.order_by("position").values_list("name", flat=True))


def test_defaults_are_made_once(db):
    first = create_defaults("en")
    assert create_defaults("en") == first
    stages = list(first.stages.values_list("name", "probability", "rot_days"))
    assert stages == [
        ("In processing", 10, 7),
        ("Awaiting information", 25, 7),
        ("Negotiation", 50, 7),
        ("Commercial proposal", 75, 7),
    ]
    assert LossReason.objects.count() == 5
    assert Currency.objects.get(is_base=True).pk == "RUB"
    assert Currency.objects.count() == 4


def test_new_pipeline_has_a_stage_and_the_first_one_is_the_default(db):
    first = add_pipeline(name="A", first_stage_name="Start")
    second = add_pipeline(name="B", first_stage_name="Start")
    assert (first.is_default, second.is_default, second.position) == (True, False, 2)
    make_default(pipeline_id=second.pk)
    assert Pipeline.objects.get(is_default=True) == second


def test_default_pipeline_and_one_with_open_deals_are_not_archived(people, stages):
    second = add_pipeline(name="B", first_stage_name="Start")
    with pytest.raises(DealRuleError):
        archive_pipeline(pipeline_id=stages[0].pipeline_id)
    make.deal(people.manager, pipeline=second)
    with pytest.raises(DealRuleError, match="open deals"):
        archive_pipeline(pipeline_id=second.pk)
    Deal.objects.filter(pipeline=second).update(status="won", closed_at=NOW)
    archive_pipeline(pipeline_id=second.pk)
    with pytest.raises(DealRuleError):
        make_default(pipeline_id=second.pk)
    assert restore_pipeline(pipeline_id=second.pk)
    assert Pipeline.objects.get(pk=second.pk).is_active


def test_stage_is_added_at_the_end_up_to_a_bound(stages):
    pipeline = stages[0].pipeline
    made = add_stage(pipeline_id=pipeline.pk, stage=Stage(name="Last", probability=90))
    assert made.position == 5
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name=str(n), position=9 + n) for n in range(MOST_STAGES)
    )
    with pytest.raises(DealRuleError):
        add_stage(pipeline_id=pipeline.pk, stage=Stage(name="Too many"))


def test_shifting_a_stage_recounts_how_far_deals_got(people, stages):
    deal = make.deal(people.manager)
    move_deal(deal_id=deal.pk, stage_id=stages[1].pk, by=people.manager, now=NOW)
    shift_stage(stage_id=stages[1].pk, step=1)
    assert names(stages[0].pipeline) == ["Stage 1", "Stage 3", "Stage 2", "Stage 4"]
    deal.refresh_from_db()
    assert deal.furthest == 3
    shift_stage(stage_id=stages[0].pk, step=-1)
    assert names(stages[0].pipeline)[0] == "Stage 1"


def test_archived_stage_gives_its_open_deals_away_with_history(people, stages):
    opened, lost = make.deal(people.manager), make.deal(people.manager)
    lose_deal(deal_id=lost.pk, reason=make.loss_reason(), by=people.manager, now=NOW)
    for nowhere in (None, stages[0].pk, make.pipeline("Other").stages.first().pk):
        with pytest.raises(DealRuleError), transaction.atomic():
            archive_stage(stage_id=stages[0].pk, to_stage_id=nowhere, by=people.admin, now=NOW)
    archive_stage(stage_id=stages[0].pk, to_stage_id=stages[2].pk, by=people.admin, now=NOW)
    opened.refresh_from_db()
    lost.refresh_from_db()
    assert (opened.stage, opened.furthest, opened.version) == (stages[2], 3, 2)
    assert lost.stage == stages[0]
    assert opened.moves.last().from_stage == stages[0]
    with pytest.raises(DealRuleError):
        archive_stage(stage_id=stages[0].pk, to_stage_id=None, by=people.admin, now=NOW)


def test_last_stage_stays(db):
    pipeline = make.pipeline("One", stages=1)
    with pytest.raises(DealRuleError, match="at least one"):
        archive_stage(stage_id=pipeline.stages.get().pk, to_stage_id=None, by=None, now=NOW)


def test_probability_over_a_hundred_is_refused_by_the_database(stages):
    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.filter(pk=stages[0].pk).update(probability=101)


def test_reason_named_again_comes_back(db):
    reason = add_loss_reason(name="Late")
    LossReason.objects.update(is_active=False)
    assert add_loss_reason(name="Late") == reason
    assert LossReason.objects.get().is_active


def test_pipeline_of_a_trade_is_named_in_the_persons_language(people, sign_in):
    people.admin.language = "uk"
    people.admin.save()
    client = sign_in(people.admin)
    page = client.get("/settings/pipelines/new/")
    key = page.context["form"]["form_key"].value()
    data = {"form_key": str(key), "name": "Опт", "trade": "", "first_stage": ""}
    assert client.post("/settings/pipelines/new/", data).status_code == 422
    for _ in range(2):
        client.post("/settings/pipelines/new/", data | {"trade": "wholesale"})
    pipeline = Pipeline.objects.get(name="Опт")
    stages = list(pipeline.stages.order_by("position"))
    assert [stage.probability for stage in stages] == [15, 35, 55, 80, 95]
    assert stages[3].name == "Рахунок надіслано"
    assert stages[3].required_fields == ["amount", "company"]


def test_trade_replaces_the_default_stages_until_a_deal_comes(people):
    pipeline = create_defaults("en")
    assert begin_with(trade="real_estate", language="en") == pipeline
    assert names(pipeline)[0] == "Request taken"
    make.deal(people.manager, stage=pipeline.stages.first())
    assert begin_with(trade="b2b", language="en") is None
    assert names(pipeline)[0] == "Request taken"
