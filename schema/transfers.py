"""Transfers of stock between locations: types, queries and mutations, for staff who keep the inventory."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import models, stock, transfers
from catalog.models import StockTransfer, StockTransferLine
from catalog.models import transfer as transfer_model
from catalog.transfers import NewTransfer, Units
from schema import errors, inputs, loaders, nodes
from schema.context import Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.locations import Location
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.variants import ProductVariant
from shop.errors import Refusal, blaming
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class InventoryTransferErrorCode(Enum): ...

    class InventoryTransferStatus(Enum): ...

else:
    InventoryTransferStatus = errors.enum_of(
        "InventoryTransferStatus", "Where a transfer stands.", dict(models.TransferStatus.choices)
    )
    InventoryTransferErrorCode = errors.code_enum(
        "InventoryTransferErrorCode", "a transfer", errors.codes_of(transfers, transfer_model, stock)
    )


@strawberry.type(description="Units of a variant that a transfer moves.")
class InventoryTransferLine:
    quantity: int = strawberry.field(description="Units to move.")
    received: int = strawberry.field(description="Units that came in so far.")
    variant: ProductVariant = edge(loaders.variants, key="variant_id", description="What is moved.")
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StockTransferLine) -> "InventoryTransferLine":
        return cls(quantity=row.quantity, received=row.received, variant_id=row.variant_id)


@strawberry.type(
    description="Goods on their way from one location to another. While in transit they belong to neither."
)
class InventoryTransfer(Node):
    status: InventoryTransferStatus = strawberry.field(description="Where it stands.")
    reference: str = strawberry.field(description="Its name in the ledger, on both sides.")
    note: str | None = strawberry.field(description="A remark of whoever planned it.")
    created_by: str | None = strawberry.field(description="Who planned it, by e-mail address.")
    created_at: datetime = strawberry.field(description="When it was planned.")
    shipped_at: datetime | None = strawberry.field(description="When it left.")
    closed_at: datetime | None = strawberry.field(description="When all of it had come in, or it was given up.")
    origin: Location = edge(loaders.locations, key="origin_id", description="Where it comes from.")
    destination: Location = edge(loaders.locations, key="destination_id", description="Where it goes.")
    lines: list[InventoryTransferLine] = edge(loaders.lines_of_transfer, description="What is moved.")
    pk: strawberry.Private[int]
    origin_id: strawberry.Private[int]
    destination_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StockTransfer) -> "InventoryTransfer":
        return cls(
            id=gid("InventoryTransfer", row.pk),
            status=InventoryTransferStatus[row.status],
            reference=row.reference,
            note=row.note or None,
            created_by=row.created_by.email if row.created_by else None,
            created_at=row.created_at,
            shipped_at=row.shipped_at,
            closed_at=row.closed_at,
            pk=row.pk,
            origin_id=row.origin_id,
            destination_id=row.destination_id,
        )


@strawberry.type(description="Why a transfer was not made or changed.")
class InventoryTransferUserError(DisplayableError):
    code: InventoryTransferErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "InventoryTransferUserError":
        return cls(**errors.parts(refusal, InventoryTransferErrorCode))


@strawberry.input(description="So many units of a variant.")
class InventoryTransferLineInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant; it stands in the list once.")
    quantity: int = strawberry.field(description="How many units: 1 or more.")

    def to_domain(self) -> Units:
        return Units(variant_id=nodes.number(self.variant_id, "ProductVariant", "variant_id"), quantity=self.quantity)


@strawberry.input(description="A transfer to plan.")
class InventoryTransferCreateInput:
    origin_id: strawberry.ID = strawberry.field(description="The location it comes from.")
    destination_id: strawberry.ID = strawberry.field(description="The location it goes to, which is another one.")
    lines: list[InventoryTransferLineInput] = strawberry.field(description="What is moved: 1 to 250 lines.")
    note: str | None = strawberry.field(default=UNSET, description="A remark, at most 500 characters.")

    def to_domain(self) -> NewTransfer:
        return NewTransfer(
            origin_id=nodes.number(self.origin_id, "Location", "origin_id"),
            destination_id=nodes.number(self.destination_id, "Location", "destination_id"),
            lines=inputs.meant(self.lines, "lines"),
            note=self.note or None,
        )


_TRANSFER = "The transfer as it is now; null where this was refused."


@strawberry.type(description="What became of `inventoryTransferCreate`.")
class InventoryTransferCreatePayload:
    transfer: InventoryTransfer | None = edge(
        loaders.transfers, key="transfer_id", description="The new transfer; null where it was refused."
    )
    user_errors: list[InventoryTransferUserError] = strawberry.field(
        default_factory=list, description="Why nothing was planned; empty when all went well."
    )
    transfer_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `inventoryTransferShip`.")
class InventoryTransferShipPayload:
    transfer: InventoryTransfer | None = edge(loaders.transfers, key="transfer_id", description=_TRANSFER)
    user_errors: list[InventoryTransferUserError] = strawberry.field(
        default_factory=list, description="Why nothing left; empty when all went well."
    )
    transfer_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `inventoryTransferReceive`.")
class InventoryTransferReceivePayload:
    transfer: InventoryTransfer | None = edge(loaders.transfers, key="transfer_id", description=_TRANSFER)
    user_errors: list[InventoryTransferUserError] = strawberry.field(
        default_factory=list, description="Why nothing came in; empty when all went well."
    )
    transfer_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `inventoryTransferCancel`.")
class InventoryTransferCancelPayload:
    transfer: InventoryTransfer | None = edge(loaders.transfers, key="transfer_id", description=_TRANSFER)
    user_errors: list[InventoryTransferUserError] = strawberry.field(
        default_factory=list, description="Why it was not given up; empty when all went well."
    )
    transfer_id: strawberry.Private[int | None] = None


@strawberry.type
class TransferQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_transfers(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        status: Annotated[
            InventoryTransferStatus | None, strawberry.argument(description="Only those that stand here.")
        ] = None,
    ) -> CountedConnection[InventoryTransfer]:
        """The transfers of stock, newest first. For staff who manage the inventory."""
        wanted = models.TransferStatus(status.name) if status else None
        page = transfers.page(wanted, PageRequest(first, last, after, before))
        return CountedConnection.of(page, InventoryTransfer.of)


@strawberry.type
class TransferMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_transfer_create(
        self,
        info: Info,
        transfer: Annotated[InventoryTransferCreateInput, strawberry.argument(description="The transfer to plan.")],
    ) -> InventoryTransferCreatePayload:
        """Plan a transfer of stock; nothing moves until it is shipped. For staff who manage the inventory."""
        with blaming("transfer"):
            planned = transfer.to_domain()
        made = transfers.create(transfer=planned, actor=info.context.actor)
        return InventoryTransferCreatePayload(transfer_id=made.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_transfer_ship(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The transfer.")],
    ) -> InventoryTransferShipPayload:
        """Let everything leave the location it lies at; from then on it belongs to neither, and is not for sale.

        For staff who manage the inventory.
        """
        key = nodes.number(id, "InventoryTransfer", "id")
        return InventoryTransferShipPayload(transfer_id=transfers.ship(transfer_id=key, actor=info.context.actor).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_transfer_receive(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The transfer.")],
        lines: Annotated[
            list[InventoryTransferLineInput] | None,
            strawberry.argument(description="What came in; everything that is on its way where this is left out."),
        ] = None,
    ) -> InventoryTransferReceivePayload:
        """Let units come in at the location they were sent to; the last ones close the transfer.

        For staff who manage the inventory.
        """
        changed = transfers.receive(
            transfer_id=nodes.number(id, "InventoryTransfer", "id"),
            lines=None if lines is None else inputs.meant(lines, "lines"),
            actor=info.context.actor,
        )
        return InventoryTransferReceivePayload(transfer_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def inventory_transfer_cancel(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The transfer.")],
    ) -> InventoryTransferCancelPayload:
        """Give a transfer up: what is still on its way is back where it came from, what came in stays.

        For staff who manage the inventory.
        """
        key = nodes.number(id, "InventoryTransfer", "id")
        changed = transfers.cancel(transfer_id=key, actor=info.context.actor)
        return InventoryTransferCancelPayload(transfer_id=changed.pk)
