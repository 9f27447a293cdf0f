"""Rules about stock: what lies where, how far it may be sold, and what is on its way from one place to another."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.world import LOCATIONS, TRANSFERS, VARIANT, Made, World, made

UNITS = st.sampled_from([1, 2, 5, 9, 0, -1, -3])
SOMEWHERE = st.none() | LOCATIONS
REASONS = st.sampled_from(["ADJUSTMENT", "DAMAGE", "PURCHASE", "RETURN"])


class Warehouse(World):
    @rule(
        target=LOCATIONS,
        code=st.sampled_from(["berlin", "rome"]),
        priority=st.integers(min_value=0, max_value=200),
        countries=st.sampled_from([[], ["US"], ["NO"]]),
    )
    def open_location(self, code: str, priority: int, countries: list[str]) -> "Made[str]":
        said = {"name": code, "code": code, "priority": priority, "countries": countries}
        payload = self.ask("locationCreate", "location { id }", location=said)
        return made(payload, lambda: payload["location"]["id"])

    @rule(location=LOCATIONS, action=st.sampled_from(["locationActivate", "locationDeactivate"]))
    def open_or_close_location(self, location: str, action: str) -> None:
        self.ask(action, id=location)

    @rule(variant=VARIANT, delta=UNITS, location=SOMEWHERE, reason=REASONS)
    def adjust_stock(self, variant: str, delta: int, location: str | None, reason: str) -> None:
        change = {"variantId": variant, "delta": delta, "locationId": location}
        self.ask("inventoryAdjustQuantities", input={"reason": reason, "changes": [change]})

    @rule(variants=st.lists(VARIANT, min_size=1, max_size=3), quantity=UNITS, location=SOMEWHERE)
    def count_stock(self, variants: list[str], quantity: int, location: str | None) -> None:
        counted = [{"variantId": variant, "quantity": quantity, "locationId": location} for variant in variants]
        self.ask("inventorySet", input={"quantities": counted})

    @rule(
        variant=VARIANT,
        location=SOMEWHERE,
        said=st.fixed_dictionaries({}, optional={"safetyStock": UNITS, "backorderLimit": UNITS}),
    )
    def limit_stock(self, variant: str, location: str | None, said: dict[str, int]) -> None:
        self.ask("inventoryLimitsSet", input={"limits": [{"variantId": variant, "locationId": location, **said}]})

    @rule(target=TRANSFERS, origin=LOCATIONS, destination=LOCATIONS, variant=VARIANT, quantity=UNITS)
    def plan_transfer(self, origin: str, destination: str, variant: str, quantity: int) -> "Made[str]":
        lines = [{"variantId": variant, "quantity": quantity}]
        said = {"originId": origin, "destinationId": destination, "lines": lines}
        payload = self.ask("inventoryTransferCreate", "transfer { id }", transfer=said)
        return made(payload, lambda: payload["transfer"]["id"])

    @rule(
        transfer=TRANSFERS,
        action=st.sampled_from(["inventoryTransferShip", "inventoryTransferReceive", "inventoryTransferCancel"]),
    )
    def move_transfer(self, transfer: str, action: str) -> None:
        self.ask(action, id=transfer)

    @rule(transfer=TRANSFERS, variant=VARIANT, quantity=UNITS)
    def receive_part(self, transfer: str, variant: str, quantity: int) -> None:
        self.ask("inventoryTransferReceive", id=transfer, lines=[{"variantId": variant, "quantity": quantity}])
