"""Rules about orders: carts, payments with every outcome, parcels, and what the worker does about them later."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from checkout import checkouts
from checkout.models import Order
from shop import clock, relay
from tests.api.checkout_documents import ADDRESS, ADDRESSES_ADD, CHECKOUT_COMPLETE, DELIVERY_SELECT
from tests.properties.world import CARTS, ORDERS, VARIANT, Made, World, made

TOKENS = st.sampled_from(["success", "authorize", "decline", "pending"])
LINES = st.lists(st.tuples(VARIANT, st.integers(min_value=0, max_value=4)), min_size=1, max_size=3)
# A payment that is refused leaves an order that is cancelled, as the books need it.
RECORDED = ["PAYMENT_DECLINED"]


class Buying(World):
    @rule(target=CARTS, lines=LINES, buyer=st.sampled_from(["alice", "guest"]), ready=st.sampled_from([True, True, False]))
    def fill_cart(self, lines: list[tuple[str, int]], buyer: str, ready: bool) -> "Made[str]":
        payload = self.ask(
            "mutation ($input: CartInput!) { cartCreate(input: $input) "
            "{ cart { id } userErrors { code field message } } }",
            as_=buyer,
            input={
                "lines": [{"merchandiseId": variant, "quantity": quantity} for variant, quantity in lines],
                "buyerIdentity": {"email": "ada@example.com", "countryCode": "US"},
            },
        )
        if payload and ready:
            self._address(payload["cart"]["id"])
        return made(payload, lambda: payload["cart"]["id"])

    @rule(cart=CARTS, variant=VARIANT, quantity=st.integers(min_value=0, max_value=4))
    def add_to_cart(self, cart: str, variant: str, quantity: int) -> None:
        self.ask(
            "mutation ($cart: ID!, $lines: [CartLineInput!]!) { cartLinesAdd(cartId: $cart, lines: $lines) "
            "{ userErrors { code field message } } }",
            cart=cart,
            lines=[{"merchandiseId": variant, "quantity": quantity}],
        )

    @rule(target=ORDERS, cart=CARTS, token=TOKENS)
    def check_out(self, cart: str, token: str) -> "Made[str]":
        payment = {"gateway": "test", "token": token}
        payload = self.ask(CHECKOUT_COMPLETE, as_="guest", partly=RECORDED, cartId=cart, payment=payment)
        return made(payload, lambda: payload["order"]["id"])

    @rule(order=ORDERS)
    def cancel_order(self, order: str) -> None:
        self.ask("mutation ($id: ID!) { orderCancel(id: $id) { userErrors { code field message } } }", id=order)

    @rule(order=ORDERS)
    def send_everything(self, order: str) -> None:
        self._send({"orderId": order})

    @rule(order=ORDERS, quantity=st.integers(min_value=0, max_value=3))
    def send_a_part(self, order: str, quantity: int) -> None:
        lines = Order.objects.get(key=order.rpartition("/")[2]).lines.order_by("pk").values_list("pk", flat=True)
        said = [{"orderLineItemId": f"gid://shop/OrderLineItem/{lines[0]}", "quantity": quantity}]
        self._send({"orderId": order, "lines": said})

    @rule()
    def let_holds_run_out(self) -> None:
        Order.objects.exclude(hold_expires_at=None).update(hold_expires_at=clock.now() - timedelta(seconds=1))
        checkouts.settle_overdue()

    @rule()
    def let_the_worker_catch_up(self) -> None:
        relay.relay_once()
        for delivery in relay.claim_due(100):
            relay.deliver(delivery)

    def _send(self, fulfillment: dict[str, Any]) -> None:
        self.ask(
            "mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) "
            "{ userErrors { code field message } } }",
            fulfillment=fulfillment,
        )

    def _address(self, cart: str) -> None:
        """Say where the cart goes and how, if anything is in it."""
        addresses = [{"address": {"deliveryAddress": ADDRESS}}]
        payload = self.ask(ADDRESSES_ADD, as_="guest", cartId=cart, addresses=addresses)
        for group in payload["cart"]["deliveryGroups"]["nodes"]:
            option = {"deliveryGroupId": group["id"], "deliveryOptionHandle": "standard"}
            self.ask(DELIVERY_SELECT, as_="guest", cartId=cart, options=[option])
