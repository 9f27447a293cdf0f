"""How to reach people: e-mail addresses and phone numbers, checked in one way for customers, carts and parcels."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shop import text
from shop.errors import InvalidInput

MAX_EMAIL = 254
MAX_PHONE = 40


class EmailInvalid(InvalidInput):
    """What was given as an e-mail address is not one."""

    code = "EMAIL_INVALID"


class PhoneInvalid(InvalidInput):
    """What was given as a phone number is not one."""

    code = "PHONE_INVALID"


def email(value: str) -> str:
    """The address without the blanks around it, in the case it was typed in. Raises EmailInvalid, InvalidInput."""
    clean = text.line(value, limit=MAX_EMAIL, field=("email",))
    try:
        validate_email(clean)
    except ValidationError as error:
        raise EmailInvalid(
            "This is not an e-mail address; one looks like name@example.com.", field=("email",)
        ) from error
    return clean


def phone(value: str, *, country: str) -> str:
    """The number in E.164, in `country` where it does not say; empty stays empty. Raises PhoneInvalid, InvalidInput."""
    clean = text.line(value, limit=MAX_PHONE, field=("phone",))
    if not clean:
        return ""
    try:
        number = phonenumbers.parse(clean, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise PhoneInvalid("This is not a phone number; begin it with + and the country.", field=("phone",))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
