"""Alerts about variants, back in stock or cheaper: types, queries and mutations, for customers and for guests."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from accounts import attempts, contacts
from catalog import alerts
from catalog.models import ProductAlert as StoredAlert
from catalog.models import alert as alert_model
from schema import errors, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.nodes import gid
from schema.scalars import MoneyV2
from schema.variants import ProductVariant
from shop import languages
from shop.errors import Refusal
from shop.money import Money

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ProductAlertErrorCode(Enum): ...

    class ProductAlertKind(Enum): ...

    class ProductAlertStatus(Enum): ...

else:
    ProductAlertKind = errors.enum_of("ProductAlertKind", "What is waited for.", dict(alert_model.AlertKind.choices))
    ProductAlertStatus = errors.enum_of(
        "ProductAlertStatus", "Where an alert stands in its life.", dict(alert_model.AlertStatus.choices)
    )
    ProductAlertErrorCode = errors.code_enum(
        "ProductAlertErrorCode", "an alert", errors.codes_of(alerts, contacts, attempts)
    )


@strawberry.type(description="That somebody is to be told, by one mail, when a variant is back in stock or costs less.")
class ProductAlert:
    id: strawberry.ID = strawberry.field(description="The alert's id.")
    kind: ProductAlertKind = strawberry.field(description="What is waited for.")
    status: ProductAlertStatus = strawberry.field(description="Where it stands.")
    price: MoneyV2 | None = strawberry.field(
        description="The price to wait for, or less; null where stock is waited for."
    )
    created_at: datetime = strawberry.field(description="When it was asked for.")
    sent_at: datetime | None = strawberry.field(description="When the mail was sent, if it was.")
    variant: ProductVariant | None = edge(
        loaders.visible_variants, key="variant_id", description="The variant; null while it is not offered."
    )
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredAlert) -> "ProductAlert":
        limit = row.price_limit
        return cls(
            id=gid("ProductAlert", row.pk),
            kind=ProductAlertKind[row.kind],
            status=ProductAlertStatus[row.status],
            price=None if limit is None else MoneyV2.of(Money.rounded(limit, row.currency)),
            created_at=row.created_at,
            sent_at=row.sent_at,
            variant_id=row.variant_id,
        )


def alerts_of_customer(context: Context, keys: Sequence[int]) -> list[list[StoredAlert]]:
    mine = list(alerts.open_of(context.actor))
    return [[alert for alert in mine if alert.customer_id == key] for key in keys]


@strawberry.type(description="Why an alert was not made or changed.")
class ProductAlertUserError(DisplayableError):
    code: ProductAlertErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ProductAlertUserError":
        return cls(**errors.parts(refusal, ProductAlertErrorCode))


@strawberry.type
class AlertPayload:
    """What every request for an alert answers."""

    product_alert: ProductAlert | None = strawberry.field(
        default=None, description="The alert of who is signed in; null for a guest, and where this was refused."
    )
    needs_confirmation: bool = strawberry.field(
        default=False, description="Whether a guest has to follow the link in a mail before it begins."
    )
    user_errors: list[ProductAlertUserError] = strawberry.field(
        default_factory=list, description="Why nothing was asked for; empty when all went well."
    )


@strawberry.type(description="What became of `backInStockAlertCreate`.")
class BackInStockAlertCreatePayload(AlertPayload):
    pass


@strawberry.type(description="What became of `priceDropAlertCreate`.")
class PriceDropAlertCreatePayload(AlertPayload):
    pass


@strawberry.type(description="What became of `productAlertConfirm`.")
class ProductAlertConfirmPayload:
    product_alert: ProductAlert | None = strawberry.field(
        default=None, description="The alert, which has begun; null where this was refused."
    )
    user_errors: list[ProductAlertUserError] = strawberry.field(
        default_factory=list, description="Why it has not begun; empty when all went well."
    )


@strawberry.type(description="What became of `productAlertCancel`.")
class ProductAlertCancelPayload:
    deleted_product_alert_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the alert that is gone; null where this was refused."
    )
    user_errors: list[ProductAlertUserError] = strawberry.field(
        default_factory=list, description="Why nothing was cancelled; empty when all went well."
    )


VariantId = Annotated[strawberry.ID, strawberry.argument(description="The variant to wait for.")]
Email = Annotated[
    str | None,
    strawberry.argument(
        description="Where to write to a guest, who confirms it first. Who is signed in is written to at the address "
        "of the account."
    ),
]


@strawberry.type
class AlertQueries:
    @query
    def product_alert(
        self, token: Annotated[str, strawberry.argument(description="The token in the link of a mail.")]
    ) -> ProductAlert | None:
        """The alert that a mail is about, for a page where it can be confirmed and cancelled; null for none."""
        row = alerts.by_token(token)
        return ProductAlert.of(row) if row else None


@strawberry.type
class AlertMutations:
    @mutation
    def back_in_stock_alert_create(
        self, info: Info, variant_id: VariantId, email: Email = None
    ) -> BackInStockAlertCreatePayload:
        """Be told by mail, once, when a variant that is sold out can be bought again."""
        context = info.context
        made = alerts.ask_for_stock(
            actor=context.actor,
            currency=context.currency,
            language=languages.foreign(context.language),
            variant_id=nodes.number(variant_id, "ProductVariant", "variant_id"),
            email=email or "",
            client_address=context.client_address,
        )
        return BackInStockAlertCreatePayload(**_shown(made))

    @mutation
    def price_drop_alert_create(
        self,
        info: Info,
        variant_id: VariantId,
        price: Annotated[
            Decimal | None,
            strawberry.argument(
                description="The price to wait for, or less, in the context currency; any price below that of today "
                "where it is left out."
            ),
        ] = None,
        email: Email = None,
    ) -> PriceDropAlertCreatePayload:
        """Be told by mail, once, when a variant costs less. Asked for again, the price to wait for is replaced."""
        context = info.context
        made = alerts.ask_for_price(
            actor=context.actor,
            currency=context.currency,
            language=languages.foreign(context.language),
            variant_id=nodes.number(variant_id, "ProductVariant", "variant_id"),
            price=price,
            email=email or "",
            client_address=context.client_address,
        )
        return PriceDropAlertCreatePayload(**_shown(made))

    @mutation
    def product_alert_confirm(
        self, token: Annotated[str, strawberry.argument(description="The token in the link of the mail.")]
    ) -> ProductAlertConfirmPayload:
        """Let what a guest asked for begin, with the link that was sent; doing it again changes nothing."""
        return ProductAlertConfirmPayload(product_alert=ProductAlert.of(alerts.confirm(token=token)))

    @mutation
    def product_alert_cancel(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="An alert of your own.")] = None,
        token: Annotated[str | None, strawberry.argument(description="The token in the link of a mail.")] = None,
    ) -> ProductAlertCancelPayload:
        """Give up an alert: your own by its id, or with the link of a mail without signing in."""
        key = None if id is None else nodes.number(id, "ProductAlert", "id")
        cancelled = alerts.cancel(actor=info.context.actor, alert_id=key, token=token or "")
        return ProductAlertCancelPayload(deleted_product_alert_id=gid("ProductAlert", cancelled))


def _shown(alert: StoredAlert) -> dict[str, Any]:
    """A guest is told the same whether the address is known, confirmed or neither: it may be somebody else's."""
    if alert.customer_id is None:
        return {"needs_confirmation": True}
    return {"product_alert": ProductAlert.of(alert)}
