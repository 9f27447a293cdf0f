"""A tax service that is asked as JSON over HTTPS: a sample to start from, or a bridge to one that speaks otherwise.

It is sent `POST TAX_SERVICE_URL` with the token as `Authorization: Bearer`:

    {"currency": "USD", "destination": {"country": "US", "province": "CA", "postcode": "94043"},
     "pricesIncludeTax": false, "isExempt": false, "shipping": "5.00",
     "lines": [{"amount": "18.00", "discount": "2.00", "quantity": 2, "taxClass": "", "isGiftCard": false}]}

and answers, for each line in its place and for the delivery:

    {"reference": "T-1", "lines": [[{"title": "State", "rate": "0.06", "amount": "1.08"}]], "shipping": []}
"""

from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
from django.conf import settings

from checkout.tax_services.protocol import Answer, Levy, Question, TaxServiceUnavailable
from shop.errors import Refusal
from shop.money import Money


class HttpTaxService:
    """An answer that makes no sense is as if there had been none."""

    title = "Tax service"
    requires: tuple[str, ...] = ("TAX_SERVICE_URL",)

    def taxes(self, question: Question) -> Answer:
        token = settings.TAX_SERVICE_TOKEN
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address, timeout = settings.TAX_SERVICE_URL, settings.TAX_SERVICE_TIMEOUT
        try:
            response = httpx.post(address, json=_wish(question), headers=headers, timeout=timeout).raise_for_status()
            told = response.json()
            return Answer(
                reference=str(told["reference"]),
                lines=[[_levy(one, question.currency) for one in line] for line in told["lines"]],
                shipping=[_levy(one, question.currency) for one in told["shipping"]],
            )
        except (httpx.HTTPError, ValueError, KeyError, TypeError, InvalidOperation, Refusal) as error:
            # The token is in the request alone, and no message has that.
            raise TaxServiceUnavailable(f"{type(error).__name__}: {error}") from error


def _wish(question: Question) -> dict[str, Any]:
    return {
        "currency": question.currency,
        "destination": {
            "country": question.country,
            "province": question.province,
            "postcode": question.postcode,
        },
        "pricesIncludeTax": question.prices_include_tax,
        "isExempt": question.is_exempt,
        "shipping": None if question.shipping is None else str(question.shipping.amount),
        "lines": [
            {
                "amount": str(line.amount.amount),
                "discount": str(line.discount.amount),
                "quantity": line.quantity,
                "taxClass": line.tax_class,
                "isGiftCard": line.is_gift_card,
            }
            for line in question.lines
        ],
    }


def _levy(told: dict[str, Any], currency: str) -> Levy:
    return Levy(str(told["title"]), Decimal(str(told["rate"])), Money.price(str(told["amount"]), currency))
