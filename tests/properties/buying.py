"""Rules about orders: carts, payments with every outcome, parcels, and what the worker does about them later."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from checkout import checkouts
from checkout.models import Order
from shop import clock, relay
from tests import builders
from tests.api.checkout_documents import ADDRESS
from tests.properties.world import CARTS, ORDERS, VARIANT, Made, World, made

TOKENS = st.sampled_from(
    [
        *("success", "authorize", "decline", "pending", "success", "authorize", "lost_answer", "action_required"),
        *("confirm", "refuse", "capture_fails", "refund_fails", "on invoice"),
    ]
)
QUANTITY = st.sampled_from([1, 2, 4, 0])
LINES = st.lists(st.tuples(VARIANT, QUANTITY), min_size=1, max_size=2)
# A payment that is refused leaves an order that is cancelled, as the books need it; one that nobody answered, an order
# that waits.
RECORDED = ["PAYMENT_DECLINED", "PAYMENT_GATEWAY_UNAVAILABLE"]


class Buying(World):
    @rule(
        target=CARTS, lines=LINES, buyer=st.sampled_from(["alice", "guest"]), ready=st.sampled_from([True, True, False])
    )
    def fill_cart(self, lines: list[tuple[str, int]], buyer: str, ready: bool) -> "Made[str]":
        said = {
            "lines": [{"merchandiseId": variant, "quantity": quantity} for variant, quantity in lines],
            "buyerIdentity": {"email": "ada@example.com", "countryCode": "US"},
        }
        payload = self.ask("cartCreate", "cart { id }", as_=buyer, input=said)
        if payload and ready:
            self._address(payload["cart"]["id"])
        return made(payload, lambda: payload["cart"]["id"])

    @rule(cart=CARTS, variant=VARIANT, quantity=QUANTITY)
    def add_to_cart(self, cart: str, variant: str, quantity: int) -> None:
        self.ask("cartLinesAdd", as_="guest", cartId=cart, lines=[{"merchandiseId": variant, "quantity": quantity}])

    @rule(target=ORDERS, cart=CARTS, token=TOKENS)
    def check_out(self, cart: str, token: str) -> "Made[str]":
        payload = self.ask(
            "checkoutComplete", "order { id }", as_="guest", recorded=RECORDED, cartId=cart, payment=paying(token)
        )
        return made(payload, lambda: payload["order"]["id"])

    @rule(order=ORDERS)
    def cancel_order(self, order: str) -> None:
        self.ask("orderCancel", id=order)

    @rule(order=ORDERS)
    def send_everything(self, order: str) -> None:
        self.ask("fulfillmentCreate", fulfillment={"orderId": order})

    @rule(order=ORDERS, quantity=QUANTITY)
    def send_a_part(self, order: str, quantity: int) -> None:
        line = Order.objects.get(key=order.rpartition("/")[2]).lines.order_by("pk")[0]
        lines = [{"orderLineItemId": builders.id_of(line), "quantity": quantity}]
        self.ask("fulfillmentCreate", fulfillment={"orderId": order, "lines": lines})

    @rule()
    def let_holds_run_out(self) -> None:
        Order.objects.exclude(hold_expires_at=None).update(hold_expires_at=clock.now() - timedelta(seconds=1))
        checkouts.settle_overdue()

    @rule()
    def let_the_worker_catch_up(self) -> None:
        relay.relay_once()
        for delivery in relay.claim_due(100):
            relay.deliver(delivery)

    def _address(self, cart: str) -> None:
        """Say where the cart goes and how, if anything is in it."""
        addresses = [{"address": {"deliveryAddress": ADDRESS}}]
        answer = "cart { deliveryGroups(first: 1) { nodes { id } } }"
        payload = self.ask("cartDeliveryAddressesAdd", answer, as_="guest", cartId=cart, addresses=addresses)
        for group in payload["cart"]["deliveryGroups"]["nodes"]:
            options = [{"deliveryGroupId": group["id"], "deliveryOptionHandle": "standard"}]
            self.ask("cartSelectedDeliveryOptionsUpdate", as_="guest", cartId=cart, selectedDeliveryOptions=options)


def paying(token: str) -> dict[str, str]:
    return {"gateway": "invoice"} if token == "on invoice" else {"gateway": "test", "token": token}
