"""The quick reading of one record's timeline equals the general rule, for everybody."""

import pytest

from activities.models import Activity
from tests import factories as make


@pytest.mark.parametrize("who", ["manager", "colleague", "head", "other_head", "analyst", "admin"])
def test_timeline_shows_exactly_what_the_general_rule_shows(people, who):
    user = getattr(people, who)
    contact = make.contact(people.manager)
    mine, foreign = make.deal(people.manager), make.deal(people.outsider)
    lead = make.lead(people.colleague)
    for parents in (
        {"deal": mine},
        {"deal": foreign, "contact": contact},
        {"deal": mine, "contact": contact},
        {"lead": lead, "contact": contact},
        {"contact": contact},
    ):
        make.activity(people.colleague, **parents)
        make.activity(user, **parents)
    for record in (contact, mine, foreign, lead):
        if not type(record).objects.visible_to(user).filter(pk=record.pk).exists():
            continue
        general = Activity.objects.visible_to(user).of(record)
        assert set(Activity.objects.on_shown(record, user)) == set(general)
