"""To the company's provider of identity and back."""

import logging

from allauth.account.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from requests import RequestException

from accounts.single_sign_on import ProviderAdapter, did_not_work, new_request
from records.policy import PUBLIC
from records.views import Door

logger = logging.getLogger(__name__)


class SingleSignOn(Door):
    """Without a configured provider both doors lead to the ordinary sign-in."""

    policy = PUBLIC
    http_method_names = ["get"]

    def get(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        adapter = ProviderAdapter(request, provider_id)
        try:
            return self.go(request, adapter)
        except SocialApp.DoesNotExist:
            return HttpResponseRedirect(reverse("account_login"))
        except (RequestException, KeyError, ValueError) as error:
            logger.warning("single sign-on failed: %s", error)
            return did_not_work(request)

    def go(self, request: HttpRequest, adapter: ProviderAdapter) -> HttpResponse:
        """The step of this door."""
        raise NotImplementedError


class SingleSignOnStart(SingleSignOn):
    """To the provider, with a state kept in the session."""

    def go(self, request: HttpRequest, adapter: ProviderAdapter) -> HttpResponse:
        wanted = request.GET.get("next", "")
        safe = wanted if get_adapter().is_safe_url(wanted) else None
        provider = adapter.get_provider()
        provider.oauth2_adapter_class = ProviderAdapter
        return provider.redirect(request, AuthProcess.LOGIN, next_url=safe, **new_request(provider))


class SingleSignOnBack(SingleSignOn):
    """Back with a code; it counts only in the browser that started."""

    def go(self, request: HttpRequest, adapter: ProviderAdapter) -> HttpResponse:
        return OAuth2CallbackView.adapter_view(adapter)(request)
