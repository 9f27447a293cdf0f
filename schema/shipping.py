"""Zones, and the methods of delivery that go there: types, queries and mutations, for staff who keep the catalog."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import handles
from checkout import shipping_methods, shipping_zones
from checkout.models import ShippingBasis as StoredBasis
from checkout.models import ShippingClassRule as StoredRule
from checkout.models import ShippingMethod as StoredMethod
from checkout.models import ShippingRate as StoredRate
from checkout.models import ShippingZone as StoredZone
from checkout.shipping_methods import MethodFields, NewMethod
from checkout.shipping_zones import NewZone, ZoneFields
from schema import codes, errors, loaders, nodes
from schema.classes import ShippingClass
from schema.context import Context
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.locations import Location
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from shop.errors import Refusal
from shop.money import Money
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class ShippingErrorCode(Enum): ...

    class ShippingBasis(Enum): ...

else:
    ShippingErrorCode = errors.code_enum(
        "ShippingErrorCode",
        "a shipping zone or method",
        errors.codes_of(shipping_zones, shipping_methods, handles),
    )
    ShippingBasis = errors.enum_of("ShippingBasis", "What a shipping price depends on.", dict(StoredBasis.choices))


def zones_by_key(context: Context, keys: Sequence[int]) -> list[StoredZone | None]:
    may = context.actor.may(Permission.MANAGE_CATALOG)
    found = shipping_zones.by_id(keys) if may else {}
    return [found.get(key) for key in keys]


def methods_by_key(context: Context, keys: Sequence[int]) -> list[StoredMethod | None]:
    may = context.actor.may(Permission.MANAGE_CATALOG)
    found = shipping_methods.by_id(keys) if may else {}
    return [found.get(key) for key in keys]


def methods_of_zone(context: Context, keys: Sequence[int]) -> list[list[StoredMethod]]:
    found = shipping_methods.of_zones(keys)
    return [found[key] for key in keys]


def rates_of_method(context: Context, keys: Sequence[int]) -> list[list[StoredRate]]:
    found = shipping_methods.rates_of(keys)
    return [found[key] for key in keys]


def class_rules_of_rate(context: Context, keys: Sequence[int]) -> list[list[StoredRule]]:
    found = shipping_methods.class_rules_of(keys)
    return [found[key] for key in keys]


@strawberry.type(description="Postcodes from those that begin with the one to those that begin with the other.")
class ShippingPostcodeRange:
    first: str = strawberry.field(description="The beginning of the first.")
    last: str = strawberry.field(description="The beginning of the last.")


@strawberry.type(description="A price from a weight, an amount or a number of units on.")
class ShippingStep:
    minimum: float = strawberry.field(description="From so many grams, so much money or so many units on.")
    amount: MoneyV2 = strawberry.field(description="What delivery costs then.")


@strawberry.type(description="What a rate says of goods of a shipping class.")
class ShippingClassRule:
    shipping_class: ShippingClass = strawberry.field(description="The class.")
    is_carried: bool = strawberry.field(description="Whether the method carries such goods.")
    surcharge: MoneyV2 | None = strawberry.field(description="What each unit costs more; null for what is not carried.")

    @classmethod
    def of(cls, row: StoredRule) -> "ShippingClassRule":
        surcharge = None if row.surcharge is None else MoneyV2.of(Money.rounded(row.surcharge, row.rate.currency))
        return cls(
            shipping_class=ShippingClass.of(row.shipping_class), is_carried=surcharge is not None, surcharge=surcharge
        )


@strawberry.type(description="What a shipping method costs in a currency.")
class ShippingRate:
    currency: codes.CurrencyCode = strawberry.field(description="The currency.")
    amount: MoneyV2 = strawberry.field(description="What delivery costs, below the first step.")
    free_from: MoneyV2 | None = strawberry.field(
        description="From which subtotal on it costs nothing; null means never."
    )
    steps: list[ShippingStep] = strawberry.field(description="What it costs for more, the least first.")
    maximum: float | None = strawberry.field(
        description="No more than so many grams, so much money or so many units is delivered so; null means any."
    )
    classes: list[ShippingClassRule] = edge(
        class_rules_of_rate, description="What it says of classes of goods; others cost nothing more."
    )
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredRate) -> "ShippingRate":
        def price(amount: Decimal) -> MoneyV2:
            return MoneyV2.of(Money.rounded(amount, row.currency))

        return cls(
            currency=codes.currency(row.currency),
            amount=price(row.amount),
            free_from=None if row.free_from is None else price(row.free_from),
            steps=[ShippingStep(minimum=float(least), amount=price(Decimal(amount))) for least, amount in row.steps],
            maximum=None if row.maximum is None else float(row.maximum),
            pk=row.pk,
        )


@strawberry.type(description="A way to deliver to a zone, or a pick-up at a location.")
class ShippingMethod(Node):
    handle: str = strawberry.field(description="Its name for programs, by which shoppers' carts choose it.")
    title: str = strawberry.field(description="Its name as shoppers see it.")
    description: str | None = strawberry.field(description="What to expect of it.")
    ready_text: str | None = strawberry.field(description="When what is collected is ready.")
    basis: ShippingBasis = strawberry.field(description="What its price depends on.")
    carrier: str | None = strawberry.field(
        description="Who says what it costs: a handle of the setting CARRIERS; null where the rates do."
    )
    carrier_service: str | None = strawberry.field(
        description="Which service of the carrier it is, by its code; null for the cheapest."
    )
    has_fallback: bool = strawberry.field(
        description="Whether its own rates count where the carrier says nothing; otherwise it is not offered then."
    )
    position: int = strawberry.field(description="The lowest is offered first.")
    is_active: bool = strawberry.field(description="Whether it is offered.")
    rates: list[ShippingRate] = edge(rates_of_method, description="What it costs, by currency.")
    zone: Annotated["ShippingZone", strawberry.lazy("schema.shipping")] | None = edge(
        zones_by_key, key="zone_id", description="Where it goes; null for a pick-up."
    )
    pickup_location: Location | None = edge(
        loaders.locations, key="pickup_location_id", description="Where it is collected; null for what is sent."
    )
    pk: strawberry.Private[int]
    zone_id: strawberry.Private[int | None]
    pickup_location_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, row: StoredMethod) -> "ShippingMethod":
        return cls(
            id=gid("ShippingMethod", row.pk),
            handle=row.handle,
            title=row.title,
            description=row.description or None,
            ready_text=row.ready_text or None,
            basis=ShippingBasis[row.basis],
            carrier=row.carrier or None,
            carrier_service=row.carrier_service or None,
            has_fallback=row.has_fallback,
            position=row.position,
            is_active=row.is_active,
            pk=row.pk,
            zone_id=row.zone_id,
            pickup_location_id=row.pickup_location_id,
        )


@strawberry.type(description="A part of the world that methods of delivery go to.")
class ShippingZone(Node):
    title: str = strawberry.field(description="Its name for staff.")
    countries: list[codes.CountryCode] = strawberry.field(description="Its countries; an empty list means every one.")
    provinces: list[str] = strawberry.field(
        description='Its provinces, each with its country such as "US-CA"; an empty list means all of the countries.'
    )
    postcodes: list[ShippingPostcodeRange] = strawberry.field(
        description="Its postcodes; an empty list means all of the country."
    )
    is_rest: bool = strawberry.field(description="Whether it counts only where no other zone has a way to deliver.")
    methods: list[ShippingMethod] = edge(methods_of_zone, description="The methods that go there, as they are offered.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredZone) -> "ShippingZone":
        return cls(
            id=gid("ShippingZone", row.pk),
            title=row.title,
            countries=[codes.country(country) for country in row.countries],
            provinces=row.provinces,
            postcodes=[ShippingPostcodeRange(first=first, last=last) for first, last in row.postcodes],
            is_rest=row.is_rest,
            pk=row.pk,
        )


@strawberry.type(description="Why a shipping zone or method was not made or changed.")
class ShippingUserError(DisplayableError):
    code: ShippingErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "ShippingUserError":
        return cls(**errors.parts(refusal, ShippingErrorCode))


@strawberry.input(description="Postcodes from those that begin with the one to those that begin with the other.")
class ShippingPostcodeRangeInput:
    first: str = strawberry.field(description='The beginning of the first, such as "80".')
    last: str = strawberry.field(description='The beginning of the last, such as "86"; the same for one beginning.')


_COUNTRIES = "Its countries; an empty list means every one."
_PROVINCES = (
    'Its provinces, each with its country such as "US-CA", of every country of the zone; an empty list means all.'
)
_POSTCODES = "Its postcodes, where it is within one country; an empty list means all of them."
_IS_REST = "Whether it counts only where no other zone has a way to deliver; it counts always unless this is true."


@strawberry.input(description="A shipping zone to make.")
class ShippingZoneCreateInput:
    title: str = strawberry.field(description="Its name for staff, on one line of at most 255 characters.")
    countries: list[codes.CountryCode] | None = strawberry.field(default=UNSET, description=_COUNTRIES)
    provinces: list[str] | None = strawberry.field(default=UNSET, description=_PROVINCES)
    postcodes: list[ShippingPostcodeRangeInput] | None = strawberry.field(default=UNSET, description=_POSTCODES)
    is_rest: bool | None = strawberry.field(default=UNSET, description=_IS_REST)

    def to_domain(self) -> NewZone:
        return cast(NewZone, given(self))


@strawberry.input(
    description="What is to change of a shipping zone. What is left out stays; null puts a field back to its default."
)
class ShippingZoneUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="Its name for staff; it cannot be empty.")
    countries: list[codes.CountryCode] | None = strawberry.field(default=UNSET, description=_COUNTRIES)
    provinces: list[str] | None = strawberry.field(default=UNSET, description=_PROVINCES)
    postcodes: list[ShippingPostcodeRangeInput] | None = strawberry.field(default=UNSET, description=_POSTCODES)
    is_rest: bool | None = strawberry.field(default=UNSET, description=_IS_REST)

    def to_domain(self) -> ZoneFields:
        return cast(ZoneFields, given(self))


@strawberry.input(description="A price from a weight, an amount or a number of units on.")
class ShippingStepInput:
    minimum: Decimal = strawberry.field(
        description="From so many grams, so much money or so many units on, by the method's basis."
    )
    amount: Decimal = strawberry.field(description="What delivery costs then, in the rate's currency.")


@strawberry.input(description="What a rate says of goods of a shipping class.")
class ShippingClassRuleInput:
    shipping_class_id: strawberry.ID = strawberry.field(description="The class.")
    is_carried: bool | None = strawberry.field(
        default=UNSET, description="Whether the method carries such goods; it does unless this is false."
    )
    surcharge: Decimal | None = strawberry.field(
        default=UNSET, description="What each unit costs more, even where delivery is free; nothing where left out."
    )


@strawberry.input(description="What a shipping method costs in a currency.")
class ShippingRateInput:
    currency: codes.CurrencyCode = strawberry.field(description="The currency.")
    amount: Decimal = strawberry.field(description="What delivery costs, below the first step; zero for nothing.")
    free_from: Decimal | None = strawberry.field(
        default=UNSET, description="From which subtotal on it costs nothing; left out it never does."
    )
    steps: list[ShippingStepInput] | None = strawberry.field(
        default=UNSET, description="What it costs for more, the least first: at most 100."
    )
    maximum: Decimal | None = strawberry.field(
        default=UNSET,
        description="No more than so many grams, so much money or so many units is delivered so; left out means any.",
    )
    classes: list[ShippingClassRuleInput] | None = strawberry.field(
        default=UNSET, description="What it says of classes of goods; others cost nothing more. At most 100."
    )


_TITLE = "Its name as shoppers see it, on one line of at most 255 characters."
_DESCRIPTION = "What to expect of it, on one line of at most 500 characters."
_READY = "When what is collected is ready, on one line of at most 500 characters."
_BASIS = "What its price depends on; on nothing where this is left out."
_POSITION = "The lowest is offered first: 0 to 32767, 0 where nothing is said."
_CARRIER = "Who says what it costs: a handle of the setting CARRIERS; the rates do where this is left out."
_SERVICE = "Which service of the carrier it is, by its code; the cheapest where this is left out."
_FALLBACK = "Whether its own rates count where the carrier says nothing; they do unless this is false."
_RATES = "What it costs, in one currency at least; in others it is not offered."
_ACTIVE = "Whether it is offered; it is unless this is false."


@strawberry.input(description="A way to deliver to a zone, or a pick-up at a location: name one of the two.")
class ShippingMethodCreateInput:
    title: str = strawberry.field(description=_TITLE)
    rates: list[ShippingRateInput] = strawberry.field(description=_RATES)
    zone_id: strawberry.ID | None = strawberry.field(default=UNSET, description="Where it goes.")
    pickup_location_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Where shoppers collect it: a location whose address is known."
    )
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name for programs; made from the title where it is left out."
    )
    description: str | None = strawberry.field(default=UNSET, description=_DESCRIPTION)
    ready_text: str | None = strawberry.field(default=UNSET, description=_READY)
    basis: ShippingBasis | None = strawberry.field(default=UNSET, description=_BASIS)
    carrier: str | None = strawberry.field(default=UNSET, description=_CARRIER)
    carrier_service: str | None = strawberry.field(default=UNSET, description=_SERVICE)
    has_fallback: bool | None = strawberry.field(default=UNSET, description=_FALLBACK)
    position: int | None = strawberry.field(default=UNSET, description=_POSITION)
    is_active: bool | None = strawberry.field(default=UNSET, description=_ACTIVE)

    def to_domain(self) -> NewMethod:
        return cast(NewMethod, _fields(self))


@strawberry.input(
    description="What is to change of a shipping method. What is left out stays; null puts a field back to its default."
)
class ShippingMethodUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description=_TITLE)
    rates: list[ShippingRateInput] | None = strawberry.field(
        default=UNSET, description="All that it costs from now on; needed where its basis changes."
    )
    zone_id: strawberry.ID | None = strawberry.field(default=UNSET, description="Where it goes from now on.")
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name for programs; null makes one from the title."
    )
    description: str | None = strawberry.field(default=UNSET, description=_DESCRIPTION)
    ready_text: str | None = strawberry.field(default=UNSET, description=_READY)
    basis: ShippingBasis | None = strawberry.field(default=UNSET, description=_BASIS)
    carrier: str | None = strawberry.field(default=UNSET, description=_CARRIER)
    carrier_service: str | None = strawberry.field(default=UNSET, description=_SERVICE)
    has_fallback: bool | None = strawberry.field(default=UNSET, description=_FALLBACK)
    position: int | None = strawberry.field(default=UNSET, description=_POSITION)
    is_active: bool | None = strawberry.field(default=UNSET, description=_ACTIVE)

    def to_domain(self) -> MethodFields:
        return cast(MethodFields, _fields(self))


def _fields(sent: Any) -> dict[str, Any]:
    """The input as plain data, with keys for ids. Raises NotFound."""
    fields: dict[str, Any] = given(sent)
    for name, noun in (("zone_id", "ShippingZone"), ("pickup_location_id", "Location")):
        if fields.get(name) is not None:
            fields[name] = nodes.number(fields[name], noun, "shipping_method", name)
    for place, rate in enumerate(fields.get("rates") or []):
        for number, rule in enumerate(rate.get("classes") or []):
            path = ("shipping_method", "rates", place, "classes", number, "shipping_class_id")
            rule["shipping_class_id"] = nodes.number(rule["shipping_class_id"], "ShippingClass", *path)
    return fields


@strawberry.type(description="What became of `shippingZoneCreate`.")
class ShippingZoneCreatePayload:
    shipping_zone: ShippingZone | None = strawberry.field(
        default=None, description="The new zone; null where it was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `shippingZoneUpdate`.")
class ShippingZoneUpdatePayload:
    shipping_zone: ShippingZone | None = strawberry.field(
        default=None, description="The zone as it is now; null where this was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `shippingZoneDelete`.")
class ShippingZoneDeletePayload:
    deleted_shipping_zone_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type(description="What became of `shippingMethodCreate`.")
class ShippingMethodCreatePayload:
    shipping_method: ShippingMethod | None = strawberry.field(
        default=None, description="The new method; null where it was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )


@strawberry.type(description="What became of `shippingMethodUpdate`.")
class ShippingMethodUpdatePayload:
    shipping_method: ShippingMethod | None = strawberry.field(
        default=None, description="The method as it is now; null where this was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `shippingMethodDelete`.")
class ShippingMethodDeletePayload:
    deleted_shipping_method_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[ShippingUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


ZoneId = Annotated[strawberry.ID, strawberry.argument(description="The zone.")]
MethodId = Annotated[strawberry.ID, strawberry.argument(description="The method.")]


@strawberry.type
class ShippingQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_zones(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[ShippingZone]:
        """All shipping zones, oldest first. For staff who manage the catalog."""
        return CountedConnection.of(shipping_zones.page(PageRequest(first, last, after, before)), ShippingZone.of)

    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_methods(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> CountedConnection[ShippingMethod]:
        """All shipping methods and pick-ups, in the order they are offered. For staff who manage the catalog."""
        return CountedConnection.of(shipping_methods.page(PageRequest(first, last, after, before)), ShippingMethod.of)


@strawberry.type
class ShippingMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_zone_create(
        self,
        shipping_zone: Annotated[ShippingZoneCreateInput, strawberry.argument(description="The zone to make.")],
    ) -> ShippingZoneCreatePayload:
        """Make a shipping zone, to which nothing goes yet. For staff who manage the catalog."""
        made = shipping_zones.create(zone=shipping_zone.to_domain())
        return ShippingZoneCreatePayload(shipping_zone=ShippingZone.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_zone_update(
        self,
        id: ZoneId,
        shipping_zone: Annotated[ShippingZoneUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> ShippingZoneUpdatePayload:
        """Change what belongs to a shipping zone, for carts at once. For staff who manage the catalog."""
        key = nodes.number(id, "ShippingZone", "id")
        changed = shipping_zones.update(zone_id=key, zone=shipping_zone.to_domain())
        return ShippingZoneUpdatePayload(shipping_zone=ShippingZone.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_zone_delete(self, id: ZoneId) -> ShippingZoneDeletePayload:
        """Forget a shipping zone to which nothing goes. For staff who manage the catalog."""
        key = nodes.number(id, "ShippingZone", "id")
        shipping_zones.delete(zone_id=key)
        return ShippingZoneDeletePayload(deleted_shipping_zone_id=gid("ShippingZone", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_method_create(
        self,
        shipping_method: Annotated[ShippingMethodCreateInput, strawberry.argument(description="The method to make.")],
    ) -> ShippingMethodCreatePayload:
        """Offer a way to deliver, or to collect, from now on. For staff who manage the catalog."""
        made = shipping_methods.create(method=shipping_method.to_domain())
        return ShippingMethodCreatePayload(shipping_method=ShippingMethod.of(made))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_method_update(
        self,
        id: MethodId,
        shipping_method: Annotated[
            ShippingMethodUpdateInput, strawberry.argument(description="What is to change of it.")
        ],
    ) -> ShippingMethodUpdatePayload:
        """Change a shipping method, for carts at once; orders keep what was agreed.

        For staff who manage the catalog.
        """
        key = nodes.number(id, "ShippingMethod", "id")
        changed = shipping_methods.update(method_id=key, method=shipping_method.to_domain())
        return ShippingMethodUpdatePayload(shipping_method=ShippingMethod.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def shipping_method_delete(self, id: MethodId) -> ShippingMethodDeletePayload:
        """Offer a shipping method no more: carts that chose it choose anew. For staff who manage the catalog."""
        key = nodes.number(id, "ShippingMethod", "id")
        shipping_methods.delete(method_id=key)
        return ShippingMethodDeletePayload(deleted_shipping_method_id=gid("ShippingMethod", key))
