"""The rows a combobox offers are the visible ones."""

from django.urls import reverse

from tests import factories as make


def test_only_visible_rows_that_hold_the_text_are_offered(people, sign_in):
    mine = make.company(people.manager, name="ООО «Ёлка 100%»")
    make.company(people.colleague, name="ООО «Ёлка»")
    make.company(people.manager, name="ООО «Берёза»")
    client = sign_in(people.manager)
    address = reverse("pick", args=["company"])
    assert [row["id"] for row in client.get(address, {"q": "елка"}).json()] == [mine.pk]
    assert client.get(address, {"q": "%"}).json()[0]["text"] == "ООО «Ёлка 100%»"
    assert len(client.get(address, {"q": "\x00"}).json()) == 2
    assert client.get(reverse("pick", args=["user"])).status_code == 404
