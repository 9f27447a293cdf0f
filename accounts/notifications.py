"""What people are told about their accounts, by e-mail."""

from django.conf import settings
from django.utils.translation import gettext

from accounts import recovery
from accounts.models import User
from shop import mails, outbox, speech


@outbox.handler("customer.recovery_requested")
def send_recovery_link(message: outbox.Message) -> None:
    """Send the link to choose a new password; nothing where nobody may sign in with the address."""
    user = User.objects.filter(email=message.payload["email"], is_active=True).first()
    if user is None:
        return
    context = {
        "email": user.email,
        "url": settings.PASSWORD_RESET_URL.format(token=recovery.token_of(user)),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    with speech.speaking(message.payload.get("language", "")):
        mails.send(
            "accounts/mail/recovery",
            context,
            subject=gettext("choose a new password"),
            to=[user.email],
            name=f"recovery.{message.id}",
        )
