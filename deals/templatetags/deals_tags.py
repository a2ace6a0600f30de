"""Words and marks of deals."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("deals/tags/sort.html")
def sort_head(narrowing: Any, sort: str, name: str, title: str) -> dict[str, Any]:
    """A column head that sorts: the second click turns the order round."""
    up = f"{name}_up"
    turned = up if sort == name else name
    return {
        "title": title,
        "url": narrowing.query(sort=turned),
        "direction": {name: "descending", up: "ascending"}.get(sort, ""),
    }


@register.simple_tag
def with_query(narrowing: Any, **changes: Any) -> str:
    """The present query with changes."""
    return narrowing.query(**changes)


@register.filter
def probability_of(amount: Any, percent: int) -> Any:
    """The expected part of a sum."""
    return amount * percent / 100
