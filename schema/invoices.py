"""Invoices of orders: type, edges, and the mutation by which staff issue one."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from checkout import invoices
from checkout.invoices import Shown
from checkout.models import InvoiceKind as StoredKind
from schema import errors, nodes
from schema.context import Context
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.nodes import gid
from schema.permissions import Staff
from schema.scalars import URL, MoneyV2
from shop.errors import Refusal, blaming
from shop.money import Money

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class InvoiceErrorCode(Enum): ...

    class InvoiceKind(Enum): ...

else:
    InvoiceErrorCode = errors.code_enum("InvoiceErrorCode", "an invoice", errors.codes_of(invoices))
    InvoiceKind = errors.enum_of("InvoiceKind", "What kind of document it is.", dict(StoredKind.choices))


def invoices_of_order(context: Context, keys: Sequence[int]) -> list[list[Shown]]:
    found = invoices.of_orders(keys)
    return [found[key] for key in keys]


def packing_slips_of_order(context: Context, keys: Sequence[int]) -> list[URL]:
    return [URL(invoices.packing_slip_url(key)) for key in keys]


@strawberry.type(description="An invoice or a credit note: numbered without gaps, never changed.")
class Invoice:
    id: strawberry.ID = strawberry.field(description="The invoice's id.")
    number: str = strawberry.field(description="Its number, as it is written.")
    kind: InvoiceKind = strawberry.field(description="Whether it asks for money or takes that back.")
    total: MoneyV2 = strawberry.field(description="What it comes to.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    url: URL = strawberry.field(description="A link to the PDF, made anew whenever this is asked for.")

    @classmethod
    def of(cls, row: Shown) -> "Invoice":
        invoice = row.invoice
        return cls(
            id=gid("Invoice", invoice.key),
            number=invoice.name,
            kind=InvoiceKind[invoice.kind],
            total=MoneyV2.of(Money.rounded(invoice.total, invoice.currency)),
            issued_at=invoice.issued_at,
            url=URL(row.url),
        )


@strawberry.type(description="Why no invoice was issued.")
class InvoiceUserError(DisplayableError):
    code: InvoiceErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "InvoiceUserError":
        return cls(**errors.parts(refusal, InvoiceErrorCode))


@strawberry.type(description="The invoice of the order.")
class InvoiceCreatePayload:
    invoice: Invoice | None = strawberry.field(default=None, description="The invoice, new or as it was.")
    user_errors: list[InvoiceUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class InvoiceMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def invoice_create(
        self, order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")]
    ) -> InvoiceCreatePayload:
        """Issue the invoice of a confirmed order now, whatever `INVOICE_WHEN` says; one that is issued stays."""
        with blaming("order_id"):
            key = nodes.uuid(order_id, "Order")
        return InvoiceCreatePayload(invoice=Invoice.of(invoices.shown(invoices.create(order_key=key))))
