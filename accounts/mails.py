"""Mails about accounts that Cognito does not send itself."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse


def send_account_exists(*, email: str) -> None:
    """Tell the owner of an account that somebody wanted to open a second one with their address."""
    context = {
        "store_name": settings.STORE_NAME,
        "store_url": settings.STORE_URL,
        "subject": f"You already have an account at {settings.STORE_NAME}",
        "sign_in_url": settings.STORE_URL + reverse("accounts:sign-in"),
        "forgot_password_url": settings.STORE_URL + reverse("accounts:forgot-password"),
    }
    mail = EmailMultiAlternatives(
        context["subject"], render_to_string("emails/account_exists.txt", context), to=[email]
    )
    mail.attach_alternative(render_to_string("emails/account_exists.html", context), "text/html")
    mail.send()
