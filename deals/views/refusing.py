"""Refused rules of deals and pipelines become errors of the form."""

from typing import Any

from deals.services import DealRuleError


class Refusing:
    """A refused rule becomes an error of the form, with status 422."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().post(request, *args, **kwargs)
        except DealRuleError as error:
            form = self.get_form()
            form.is_valid()
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
