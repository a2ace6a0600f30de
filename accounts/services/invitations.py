"""The letter that lets a new person set the first password."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User

logger = logging.getLogger(__name__)


def invitation_url(person: User) -> str:
    """The address that sets a password once, until it is used or its time is over."""
    key = default_token_generator.make_token(person)
    names = {"uidb36": user_pk_to_url_str(person), "key": key}
    path = reverse("account_reset_password_from_key", kwargs=names)
    return settings.BASE_URL.rstrip("/") + path


def send_invitation(*, person: User, by: User | None = None) -> bool:
    """Write to the person in his language; False when the mail server did not take the letter."""
    with translation.override(person.language):
        context = {
            "person": person,
            "by": by,
            "url": invitation_url(person),
            "product_name": settings.PRODUCT_NAME,
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        }
        subject = render_to_string("accounts/mail/invitation_subject.txt", context)
        body = render_to_string("accounts/mail/invitation.txt", context)
    try:
        EmailMessage(" ".join(subject.split()), body, to=[person.email]).send()
    except OSError:
        logger.warning("invitation of person %s was not sent", person.pk, exc_info=True)
        return False
    return True
