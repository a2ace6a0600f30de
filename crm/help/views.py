"""The pages of help: all topics, and one topic in the dialog."""

from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from crm.help.texts import CONTROL, DAILY, TOPICS
from records.policy import PERSON
from records.views import Door, Fragments


class HelpIndex(Door, TemplateView):
    """All topics on one page."""

    policy = PERSON
    template_name = "help/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(daily=DAILY, control=CONTROL, **kwargs)


class HelpTopic(Fragments, Door, TemplateView):
    """The help of one page."""

    policy = PERSON
    template_name = "help/topic.html"
    fragment = "topic"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        topic = TOPICS.get(self.kwargs["code"])
        if topic is None:
            raise Http404
        return super().get_context_data(topic=topic, **kwargs)
