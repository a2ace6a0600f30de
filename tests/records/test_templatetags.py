"""The tags every template has."""

from django.template import Context, Template


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


def test_icon_is_hidden_unless_labelled():
    assert 'aria-hidden="true"' in render('{% icon "phone" %}')
    assert 'aria-label="Call"' in render('{% icon "phone" 20 "Call" %}')


def test_unknown_address_is_empty_not_an_error():
    assert render('{% url_or_none "no:such" as address %}[{{ address }}]') == "[]"


def test_bar_never_leaves_its_track():
    assert 'width="100.00%"' in render("{% bar 300 100 %}")
    assert 'width="0.00%"' in render("{% bar 5 0 %}")


def test_sign_says_the_state_in_words():
    drawn = render("{% sign due %}", due=None)
    assert "sg-none" in drawn
    assert "alert-triangle" in drawn


def test_text_of_a_toast_is_escaped():
    assert "<b>" not in render('{% toast text "info" %}', text="<b>x</b>")
