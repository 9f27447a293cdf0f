"""Tax ids of business customers, and who is exempt from taxes: customers say the one, staff decide the other."""

import stdnum
from django.conf import settings
from django.db import transaction
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import User
from shop import text
from shop.errors import InvalidInput, NotFound, Refusal

MAX_TAX_ID = 30


class TaxIdMissing(Refusal):
    """Who is exempt from taxes must have told a tax id."""

    code = "TAX_ID_MISSING"


@transaction.atomic(durable=True)
def tell(*, actor: Actor, tax_id: str) -> User:
    """Keep the actor's own tax id, or none. Whoever was exempt is so no longer: staff look at the new one first.

    Its form is checked by the rules of its country (two letters at the beginning, else the shop's) where they are
    known; whether it is registered is not. Raises InvalidInput, NotFound for a guest.
    """
    user = User.objects.of(actor).select_for_update().first()
    if user is None:
        raise NotFound("Customer")
    checked = _checked(tax_id)
    if checked != user.tax_id:
        user.tax_id, user.is_tax_exempt = checked, False
        user.save(update_fields=["tax_id", "is_tax_exempt", "updated_at"])
    return user


@transaction.atomic(durable=True)
def exempt(*, customer_id: int, is_exempt: bool) -> User:
    """Let a customer buy without taxes from now on, or with them. Raises NotFound, TaxIdMissing."""
    user = User.objects.select_for_update().filter(pk=customer_id).first()
    if user is None:
        raise NotFound("Customer", field=("customer_id",))
    if is_exempt and not user.tax_id:
        raise TaxIdMissing("This customer has told no tax id yet.", field=("customer_id",))
    user.is_tax_exempt = is_exempt
    user.save(update_fields=["is_tax_exempt", "updated_at"])
    return user


def _checked(tax_id: str) -> str:
    line = text.line(tax_id, limit=MAX_TAX_ID, field=("tax_id",)).upper()
    if not line:
        return ""
    country = line[:2] if line[:2].isalpha() else settings.SHOP_COUNTRY
    # In the European Union a tax id is known across borders by the country it begins with.
    rules = vat if country.lower() in vat.MEMBER_STATES else stdnum.get_cc_module(country.lower(), "vat")
    try:
        return str(rules.validate(line)) if rules else line
    except ValidationError as error:
        raise InvalidInput(
            f"This is no tax id of {country}; check its letters and digits.", field=("tax_id",)
        ) from error
