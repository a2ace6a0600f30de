"""Letters about the account itself, in the language of their reader."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User

logger = logging.getLogger(__name__)


def tell(person: User, template: str, *, ip: str = "", device: str = "") -> None:
    """Tell the person that the account changed; a mail server that is down stops nothing."""
    context: dict[str, Any] = {
        "user": person,
        "ip": ip,
        "device": device,
        "timestamp": timezone.localtime(),
    }
    with translation.override(person.language or settings.LANGUAGE_CODE):
        subject = render_to_string(f"{template}_subject.txt", context).strip()
        body = render_to_string(f"{template}_message.txt", context).strip()
    letter = EmailMessage(f"{settings.PRODUCT_NAME}: {subject}", body, to=[person.email])
    try:
        letter.send()
    except (SMTPException, OSError):
        logger.exception("a letter about an account was not sent")
