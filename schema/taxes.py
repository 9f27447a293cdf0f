"""Taxes: the rates, for staff who manage the catalog, and the tax ids of customers."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts import tax_ids
from accounts.staff import Permission
from checkout import models, tax_rates
from checkout.tax_rates import NewTaxRate, TaxRateFields
from schema import codes, errors, nodes
from schema.classes import TaxClass
from schema.context import Context, Info
from schema.customers import Customer
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import SignedIn, Staff
from shop.errors import Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class TaxErrorCode(Enum): ...

else:
    TaxErrorCode = errors.code_enum("TaxErrorCode", "taxes", errors.codes_of(tax_rates, tax_ids))


@strawberry.type(description="What a country, or a region of it, takes of goods of a class.")
class TaxRate(Node):
    title: str = strawberry.field(description="The tax as a bill names it.")
    country: codes.CountryCode = strawberry.field(description="Where goods go to.")
    region: str | None = strawberry.field(
        description="The region there, such as CA, on top of what its country takes; null for the whole country."
    )
    tax_class: TaxClass | None = strawberry.field(
        description="The goods it is taken of; null for the standard rate, which goods of a class bear where the place "
        "has no rate of that class."
    )
    rate: Decimal = strawberry.field(description="The rate as a fraction: 0.19 for 19 %.")
    applies_to_shipping: bool = strawberry.field(description="Whether it is taken of the delivery, too.")

    @classmethod
    def of(cls, row: models.TaxRate) -> "TaxRate":
        return cls(
            id=gid("TaxRate", row.pk),
            title=row.title,
            country=codes.country(row.country),
            region=row.region or None,
            tax_class=TaxClass.of(row.tax_class) if row.tax_class else None,
            rate=Decimal(row.rate).normalize(),
            applies_to_shipping=row.applies_to_shipping,
        )


def tax_rates_by_id(_: Context, keys: Sequence[int]) -> list[models.TaxRate | None]:
    found = tax_rates.by_id(keys)
    return [found.get(key) for key in keys]


@strawberry.type(description="Why something about taxes was refused.")
class TaxUserError(DisplayableError):
    code: TaxErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "TaxUserError":
        return cls(**errors.parts(refusal, TaxErrorCode))


@strawberry.input(description="A rate to keep.")
class TaxRateCreateInput:
    title: str = strawberry.field(description="The tax as a bill names it: at most 100 characters.")
    country: codes.CountryCode = strawberry.field(description="Where goods go to.")
    rate: Decimal = strawberry.field(description="The rate as a fraction: 0.19 for 19 %.")
    region: str | None = strawberry.field(
        default=UNSET, description="The region there, such as CA; the whole country where it is left out."
    )
    tax_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The goods it is taken of; the standard rate where it is left out."
    )
    applies_to_shipping: bool | None = strawberry.field(
        default=UNSET, description="Whether it is taken of the delivery, too: yes where nothing is said."
    )

    def to_domain(self) -> NewTaxRate:
        return cast(NewTaxRate, _decoded(given(self)))


@strawberry.input(description="What is to change of a rate. What is left out stays.")
class TaxRateUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="The tax as a bill names it; it cannot be empty.")
    rate: Decimal | None = strawberry.field(default=UNSET, description="The rate as a fraction: 0.19 for 19 %.")
    region: str | None = strawberry.field(default=UNSET, description="The region; null for the whole country.")
    tax_class_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The goods it is taken of; null for the standard rate."
    )
    applies_to_shipping: bool | None = strawberry.field(
        default=UNSET, description="Whether it is taken of the delivery, too."
    )

    def to_domain(self) -> TaxRateFields:
        return cast(TaxRateFields, _decoded(given(self)))


def _decoded(fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("tax_class_id") is not None:
        fields["tax_class_id"] = nodes.number(fields["tax_class_id"], "TaxClass", "tax_rate", "tax_class_id")
    return fields


@strawberry.type
class TaxPayload:
    user_errors: list[TaxUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `taxRateCreate`.")
class TaxRateCreatePayload(TaxPayload):
    tax_rate: TaxRate | None = strawberry.field(default=None, description="The new rate; null where it was refused.")


@strawberry.type(description="What became of `taxRateUpdate`.")
class TaxRateUpdatePayload(TaxPayload):
    tax_rate: TaxRate | None = strawberry.field(
        default=None, description="The rate as it is now; null where this was refused."
    )


@strawberry.type(description="What became of `taxRateDelete`.")
class TaxRateDeletePayload(TaxPayload):
    deleted_tax_rate_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )


@strawberry.type(description="What became of `customerTaxIdSet`.")
class CustomerTaxIdSetPayload(TaxPayload):
    customer: Customer | None = strawberry.field(
        default=None, description="Whoever is signed in; null where this was refused."
    )


@strawberry.type(description="What became of `customerTaxExemptionSet`.")
class CustomerTaxExemptionSetPayload(TaxPayload):
    customer: Customer | None = strawberry.field(
        default=None, description="The customer as they are now; null where this was refused."
    )


TaxRateId = Annotated[strawberry.ID, strawberry.argument(description="The rate.")]


@strawberry.type
class TaxQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_rates(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[TaxRate]:
        """All rates of tax, by country. For staff who manage the catalog."""
        return CountedConnection.of(tax_rates.page(PageRequest(first, last, after, before)), TaxRate.of)


@strawberry.type
class TaxMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_rate_create(
        self, tax_rate: Annotated[TaxRateCreateInput, strawberry.argument(description="The rate to keep.")]
    ) -> TaxRateCreatePayload:
        """Keep a rate of tax: carts that go there bear it from now on. For staff who manage the catalog."""
        return TaxRateCreatePayload(tax_rate=TaxRate.of(tax_rates.create(rate=tax_rate.to_domain())))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_rate_update(
        self,
        id: TaxRateId,
        tax_rate: Annotated[TaxRateUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> TaxRateUpdatePayload:
        """Change a rate of tax; orders keep what they were taxed by. For staff who manage the catalog."""
        changed = tax_rates.update(rate_id=nodes.number(id, "TaxRate", "id"), rate=tax_rate.to_domain())
        return TaxRateUpdatePayload(tax_rate=TaxRate.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def tax_rate_delete(self, id: TaxRateId) -> TaxRateDeletePayload:
        """Forget a rate of tax; orders keep what they were taxed by. For staff who manage the catalog."""
        tax_rates.delete(rate_id=nodes.number(id, "TaxRate", "id"))
        return TaxRateDeletePayload(deleted_tax_rate_id=id)

    @mutation(permission_classes=[SignedIn])
    def customer_tax_id_set(
        self,
        info: Info,
        tax_id: Annotated[str, strawberry.argument(description="The tax id of one's business; empty for none.")],
    ) -> CustomerTaxIdSetPayload:
        """Tell the tax id of one's business. Its form is checked; an exemption ends until staff have seen it."""
        user = tax_ids.tell(actor=info.context.actor, tax_id=tax_id)
        return CustomerTaxIdSetPayload(customer=Customer.of(user))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_tax_exemption_set(
        self,
        customer_id: Annotated[strawberry.ID, strawberry.argument(description="The customer.")],
        is_exempt: Annotated[bool, strawberry.argument(description="Whether they buy without taxes.")],
    ) -> CustomerTaxExemptionSetPayload:
        """Let a customer with a tax id buy without taxes, or with them. For staff who serve customers."""
        user = tax_ids.exempt(customer_id=nodes.number(customer_id, "Customer", "customer_id"), is_exempt=is_exempt)
        return CustomerTaxExemptionSetPayload(customer=Customer.of(user))
