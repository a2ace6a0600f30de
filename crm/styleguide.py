"""Every component in its states on one page; served only with DEBUG."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from records.policy import PUBLIC
from records.views import Door


class SampleForm(forms.Form):
    """Fields of every kind, some of them wrong."""

    title = forms.CharField(label="Title", help_text="As the client names it.")
    email = forms.EmailField(label="E-mail")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Delivery"), ("b", "Service")])
    amount = forms.DecimalField(label="Amount", required=False)
    due = forms.DateField(
        label="Due", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="Consent to calls", required=False)


class Styleguide(Door):
    """The page of components."""

    policy = PUBLIC

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        context = {
            "signs": [
                (now + timedelta(days=2), "Call"),
                (now + timedelta(minutes=1), "Call"),
                (now - timedelta(days=2), "Call"),
                (None, ""),
            ],
            "sample": SampleForm(),
            "wrong": SampleForm({"title": "", "email": "nobody"}),
            "page_obj": Paginator(range(400), 20).page(4),
            "stages": [
                {"name": "New", "days": 2, "is_done": True},
                {"name": "Waiting for facts", "days": 4, "is_done": True},
                {"name": "Negotiation", "days": 3, "is_current": True},
                {"name": "Offer sent", "days": None},
                {"name": "Payment", "days": None},
            ],
            "reasons": [
                {"label": "Expensive", "value": "17 · 41 %", "share": 100},
                {"label": "Chose another", "value": "11 · 27 %", "share": 65},
                {"label": "No answer", "value": "7 · 17 %", "share": 41},
            ],
            "now": now,
        }
        return render(request, "styleguide.html", context)
