"""Rules about stock: what lies where, how far it may be sold, and what is on its way from one place to another."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.world import LOCATIONS, TRANSFERS, VARIANT, Made, World, made

UNITS = st.integers(min_value=-3, max_value=9)
SOMEWHERE = st.none() | LOCATIONS
REASONS = st.sampled_from(["ADJUSTMENT", "DAMAGE", "PURCHASE", "RETURN"])


class Warehouse(World):
    @rule(
        target=LOCATIONS,
        code=st.sampled_from(["berlin", "oslo"]),
        priority=st.integers(min_value=0, max_value=200),
        countries=st.sampled_from([[], ["US"], ["NO"]]),
    )
    def open_location(self, code: str, priority: int, countries: list[str]) -> "Made[str]":
        payload = self.ask(
            "mutation ($location: LocationCreateInput!) { locationCreate(location: $location) "
            "{ location { id } userErrors { code field message } } }",
            location={"name": code, "code": code, "priority": priority, "countries": countries},
        )
        return made(payload, lambda: payload["location"]["id"])

    @rule(location=LOCATIONS, action=st.sampled_from(["locationActivate", "locationDeactivate"]))
    def open_or_close_location(self, location: str, action: str) -> None:
        self.ask(f"mutation ($id: ID!) {{ {action}(id: $id) {{ userErrors {{ code field message }} }} }}", id=location)

    @rule(variant=VARIANT, delta=UNITS, location=SOMEWHERE, reason=REASONS)
    def adjust_stock(self, variant: str, delta: int, location: str | None, reason: str) -> None:
        self.ask(
            "mutation ($input: InventoryAdjustQuantitiesInput!) { inventoryAdjustQuantities(input: $input) "
            "{ userErrors { code field message } } }",
            input={"reason": reason, "changes": [{"variantId": variant, "delta": delta, "locationId": location}]},
        )

    @rule(variants=st.lists(VARIANT, min_size=1, max_size=3), quantity=UNITS, location=SOMEWHERE)
    def count_stock(self, variants: list[str], quantity: int, location: str | None) -> None:
        counted = [{"variantId": variant, "quantity": quantity, "locationId": location} for variant in variants]
        self.ask(
            "mutation ($input: InventorySetInput!) { inventorySet(input: $input) { userErrors { code field message } } }",
            input={"quantities": counted},
        )

    @rule(
        variant=VARIANT,
        location=SOMEWHERE,
        said=st.fixed_dictionaries({}, optional={"safetyStock": UNITS, "backorderLimit": UNITS}),
    )
    def limit_stock(self, variant: str, location: str | None, said: dict[str, int]) -> None:
        self.ask(
            "mutation ($input: InventoryLimitsSetInput!) { inventoryLimitsSet(input: $input) "
            "{ userErrors { code field message } } }",
            input={"limits": [{"variantId": variant, "locationId": location, **said}]},
        )

    @rule(target=TRANSFERS, origin=LOCATIONS, destination=LOCATIONS, variant=VARIANT, quantity=UNITS)
    def plan_transfer(self, origin: str, destination: str, variant: str, quantity: int) -> "Made[str]":
        payload = self.ask(
            "mutation ($transfer: InventoryTransferCreateInput!) { inventoryTransferCreate(transfer: $transfer) "
            "{ inventoryTransfer { id } userErrors { code field message } } }",
            transfer={
                "originId": origin,
                "destinationId": destination,
                "lines": [{"variantId": variant, "quantity": quantity}],
            },
        )
        return made(payload, lambda: payload["inventoryTransfer"]["id"])

    @rule(
        transfer=TRANSFERS,
        action=st.sampled_from(["inventoryTransferShip", "inventoryTransferReceive", "inventoryTransferCancel"]),
    )
    def move_transfer(self, transfer: str, action: str) -> None:
        self.ask(f"mutation ($id: ID!) {{ {action}(id: $id) {{ userErrors {{ code field message }} }} }}", id=transfer)

    @rule(transfer=TRANSFERS, variant=VARIANT, quantity=UNITS)
    def receive_part(self, transfer: str, variant: str, quantity: int) -> None:
        self.ask(
            "mutation ($id: ID!, $lines: [InventoryTransferLineInput!]!) { inventoryTransferReceive(id: $id, lines: $lines)"
            " { userErrors { code field message } } }",
            id=transfer,
            lines=[{"variantId": variant, "quantity": quantity}],
        )
