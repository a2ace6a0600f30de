"""What every door does with methods and caches."""

import pytest

from tests import factories as make


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_method_neither_opens_a_form_nor_closes_a_deal(people, sign_in, method):
    deal = make.deal(people.manager)
    client = sign_in(people.manager)
    assert getattr(client, method)(f"/deals/{deal.pk}/win/").status_code == 405
    assert getattr(client, method)("/leads/new/").status_code == 405
    deal.refresh_from_db()
    assert deal.status == "open"


@pytest.mark.parametrize("url", ["/", "/deals/", "/deals/987654321/", "/settings/people/", "/no/"])
def test_no_shared_cache_keeps_an_answer(people, sign_in, client, url):
    for reader in (sign_in(people.manager), client):
        assert "private" in reader.get(url)["Cache-Control"]
