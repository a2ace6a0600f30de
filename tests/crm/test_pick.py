"""The rows a combobox offers are the visible ones."""

from django.urls import reverse

from contacts.services import set_phones
from tests import factories as make


def ask(client, kind, text=""):
    return [row["id"] for row in client.get(reverse("pick", args=[kind]), {"q": text}).json()]


def test_only_visible_rows_that_hold_the_text_are_offered(people, sign_in):
    mine = make.company(people.manager, name="ООО «Ёлка 100%»")
    make.company(people.colleague, name="ООО «Ёлка»")
    other = make.company(people.manager, name="ООО «Берёза»")
    client = sign_in(people.manager)
    for text in ("елка", "`krf", "%", "ё"):
        assert ask(client, "company", text) == [mine.pk] or text == "ё"
    assert ask(client, "company", "\x00") == [other.pk, mine.pk]
    assert client.get(reverse("pick", args=["rubbish"])).status_code == 404


def test_a_number_in_any_spelling_chooses_its_holder(people, sign_in):
    contact = make.contact(people.manager)
    make.contact(people.manager, last_name="Другой")
    set_phones(contact, ["+79123456789"])
    assert ask(sign_in(people.manager), "contact", "8(912)3456789") == [contact.pk]


def test_people_and_products_are_offered_while_in_use(people, sign_in):
    people.colleague.is_active = False
    people.colleague.save()
    make.product(name="Чиллер", is_active=False)
    chiller = make.product(name="Чиллер 2", sku="CH-2")
    client = sign_in(people.admin)
    assert ask(client, "user", "ma") == [people.manager.pk]
    assert ask(client, "user", "colleague") == []
    assert ask(client, "product", "ch-2") == [chiller.pk]


def test_a_long_list_is_cut_to_twenty_in_one_query(people, sign_in, django_assert_max_num_queries):
    for _ in range(25):
        make.contact(people.manager)
    client = sign_in(people.manager)
    with django_assert_max_num_queries(5):
        assert len(ask(client, "contact", "лисенко дорошенко"[8:])) == 20


def test_people_are_bounded_by_the_right_the_box_serves(people, sign_in):
    def offered(person, **query):
        answer = sign_in(person).get(reverse("pick", args=["user"]), query).json()
        return {row["id"] for row in answer}

    own = {"for": "lead", "right": "view"}
    assert offered(people.manager, **own) == {people.manager.pk}
    assert people.outsider.pk not in offered(people.head, **own)
    people.colleague.is_active = False
    people.colleague.save()
    assert people.colleague.pk in offered(people.head, **own)
    assert people.colleague.pk not in offered(people.head, **own | {"right": "assign"})
    assert people.outsider.pk in offered(people.head, **{"for": "rubbish", "right": "view"})
