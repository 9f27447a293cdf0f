"""What people are told about their accounts, by e-mail."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from accounts import recovery
from accounts.models import User
from shop import outbox

# Seconds a mail server may stay silent, where EMAIL_URL does not say.
PATIENCE = 30


@outbox.handler("customer.recovery_requested")
def send_recovery_link(message: outbox.Message) -> None:
    """Send the link to choose a new password; nothing where nobody may sign in with the address."""
    user = User.objects.filter(email=message.payload["email"], is_active=True).first()
    if user is None:
        return
    context = {
        "email": user.email,
        "shop_name": settings.SHOP_NAME,
        "url": settings.PASSWORD_RESET_URL.format(token=recovery.token_of(user)),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    EmailMessage(
        subject=f"{' '.join(settings.SHOP_NAME.split())}: choose a new password",
        body=render_to_string("accounts/mail/recovery.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT or PATIENCE),
    ).send()
