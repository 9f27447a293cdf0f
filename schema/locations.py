"""Locations of stock: types, queries and mutations, for staff who keep the inventory."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.addresses import Address
from accounts.staff import Permission
from catalog import locations, stock
from catalog.locations import LocationFields, NewLocation
from catalog.models import StockLevel, StockLocation
from schema import codes, errors, loaders, nodes
from schema.addresses import MailingAddress, MailingAddressInput
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from shop.errors import Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class LocationErrorCode(Enum): ...

else:
    LocationErrorCode = errors.code_enum("LocationErrorCode", "a location", errors.codes_of(locations))


@strawberry.type(description="Where goods lie.")
class Location(Node):
    code: str = strawberry.field(description="Its short name for people and programs; it never changes.")
    name: str = strawberry.field(description="Its name.")
    priority: int = strawberry.field(description="Orders take from the location of the lowest number first.")
    countries: list[codes.CountryCode] = strawberry.field(
        description="Where goods are sent from here; an empty list means everywhere."
    )
    is_active: bool = strawberry.field(description="Whether shoppers can buy what lies here.")
    is_default: bool = strawberry.field(description="Whether goods go here where no location is named.")
    address: MailingAddress | None = strawberry.field(description="Where shoppers can collect what they bought.")

    @classmethod
    def of(cls, row: StockLocation) -> "Location":
        return cls(
            id=gid("Location", row.pk),
            code=row.code,
            name=row.name,
            priority=row.priority,
            countries=[codes.country(country) for country in row.countries],
            is_active=row.is_active,
            is_default=row.code == stock.DEFAULT_CODE,
            address=MailingAddress.of(Address.of_json(row.address)) if row.address else None,
        )


@strawberry.type(description="Units of a variant at a location.")
class InventoryLevel:
    on_hand: int = strawberry.field(description="Units in the house, those held for orders included.")
    reserved: int = strawberry.field(description="Units held for orders.")
    available: int = strawberry.field(description="Units that can still be sold from here; 0 at an inactive location.")
    safety_stock: int = strawberry.field(description="Units kept back from sale.")
    backorder_limit: int = strawberry.field(description="Units that may be sold before they come in.")
    expected_at: datetime | None = strawberry.field(description="When what is sold in advance is to come in, if known.")
    location: Location = edge(loaders.locations, key="location_id", description="Where they lie.")
    location_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: StockLevel) -> "InventoryLevel":
        return cls(
            on_hand=row.on_hand,
            reserved=row.reserved,
            available=stock.sellable(row),
            safety_stock=row.safety_stock,
            backorder_limit=row.backorder_limit,
            expected_at=row.expected_at,
            location_id=row.location_id,
        )


@strawberry.type(description="Why a location was not opened or changed.")
class LocationUserError(DisplayableError):
    code: LocationErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "LocationUserError":
        return cls(**errors.parts(refusal, LocationErrorCode))


@strawberry.input(description="A location to open.")
class LocationCreateInput:
    name: str = strawberry.field(description="Its name, on one line of at most 255 characters.")
    code: str = strawberry.field(
        description="Its short name for people and programs, unique among locations and never changed: at most 50 "
        "lower-case letters and digits with hyphens between them."
    )
    priority: int | None = strawberry.field(
        default=UNSET,
        description="Orders take from the location of the lowest number first: 0 to 32767, 100 where nothing is said.",
    )
    countries: list[codes.CountryCode] | None = strawberry.field(
        default=UNSET, description="Where goods are sent from here; an empty list means everywhere."
    )
    address: MailingAddressInput | None = strawberry.field(
        default=UNSET, description="Where it is, for shoppers who collect what they bought; its last name is its own."
    )

    def to_domain(self) -> NewLocation:
        return cast(NewLocation, _fields(self))


@strawberry.input(
    description="What is to change of a location. What is left out stays; null puts a field back to its default."
)
class LocationUpdateInput:
    name: str | None = strawberry.field(
        default=UNSET, description="Its name, on one line of at most 255 characters; it cannot be empty."
    )
    priority: int | None = strawberry.field(
        default=UNSET, description="Orders take from the location of the lowest number first: 0 to 32767."
    )
    countries: list[codes.CountryCode] | None = strawberry.field(
        default=UNSET, description="Where goods are sent from here; an empty list means everywhere."
    )
    address: MailingAddressInput | None = strawberry.field(
        default=UNSET, description="Where it is; null, and nothing is collected here any more."
    )

    def to_domain(self) -> LocationFields:
        return cast(LocationFields, _fields(self))


def _fields(sent: LocationCreateInput | LocationUpdateInput) -> dict[str, Any]:
    fields: dict[str, Any] = given(sent)
    if isinstance(sent.address, MailingAddressInput):
        fields["address"] = sent.address.to_domain()
    return fields


@strawberry.type(description="What became of `locationCreate`.")
class LocationCreatePayload:
    location: Location | None = strawberry.field(
        default=None, description="The new location; null where it was refused."
    )
    user_errors: list[LocationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `locationUpdate`.")
class LocationUpdatePayload:
    location: Location | None = strawberry.field(
        default=None, description="The location as it is now; null where this was refused."
    )
    user_errors: list[LocationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `locationActivate`.")
class LocationActivatePayload:
    location: Location | None = strawberry.field(
        default=None, description="The location, active now; null where this was refused."
    )
    user_errors: list[LocationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `locationDeactivate`.")
class LocationDeactivatePayload:
    location: Location | None = strawberry.field(
        default=None, description="The location, inactive now; null where this was refused."
    )
    user_errors: list[LocationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type
class LocationQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def locations(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[Location]:
        """All locations, in the order that orders take from them. For staff who manage the inventory."""
        return CountedConnection.of(locations.page(PageRequest(first, last, after, before)), Location.of)


@strawberry.type
class LocationMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def location_create(
        self,
        location: Annotated[LocationCreateInput, strawberry.argument(description="The location to open.")],
    ) -> LocationCreatePayload:
        """Open a location, which holds nothing yet. For staff who manage the inventory."""
        return LocationCreatePayload(location=Location.of(locations.create(location=location.to_domain())))

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def location_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The location to change.")],
        location: Annotated[LocationUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> LocationUpdatePayload:
        """Change what is said of a location; orders that hold units there keep them.

        For staff who manage the inventory.
        """
        changed = locations.update(location_id=nodes.number(id, "Location", "id"), location=location.to_domain())
        return LocationUpdatePayload(location=Location.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def location_activate(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The location.")],
    ) -> LocationActivatePayload:
        """Let shoppers buy what lies at a location. For staff who manage the inventory."""
        changed = locations.activate(location_id=nodes.number(id, "Location", "id"))
        return LocationActivatePayload(location=Location.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_INVENTORY)])
    def location_deactivate(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The location.")],
    ) -> LocationDeactivatePayload:
        """Keep shoppers from buying what lies at a location; what orders hold there is still sent.

        For staff who manage the inventory.
        """
        changed = locations.deactivate(location_id=nodes.number(id, "Location", "id"))
        return LocationDeactivatePayload(location=Location.of(changed))
