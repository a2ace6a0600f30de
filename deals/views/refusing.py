"""Refused rules of deals and pipelines become errors of the form."""

from typing import Any

from deals.services import DealRuleError, StageNeedsFields


def say_why(form: Any, error: DealRuleError) -> None:
    """The refusal at its field; what a stage demands at each field the form has."""
    missing = error.empty if isinstance(error, StageNeedsFields) else []
    here = [name for name in missing if name in form.fields]
    for name in here:
        form.add_error(name, error.wish)  # type: ignore[attr-defined]
    if not here or len(here) < len(missing):
        form.add_error(error.field if error.field in form.fields else None, error.message)


class Refusing:
    """A refused rule becomes an error of the form, with status 422."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().post(request, *args, **kwargs)
        except DealRuleError as error:
            form = self.get_form()
            form.is_valid()
            say_why(form, error)
            return self.form_invalid(form)
