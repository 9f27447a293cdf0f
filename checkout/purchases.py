"""What customers bought, where the catalog needs to know: a review says whether its author bought the product."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from accounts.actors import Actor
from accounts.models import User
from catalog import reviews
from catalog.models import Review
from catalog.reviews import ReviewFields
from checkout.models import Order, OrderLine, OrderStatus
from shop import outbox
from shop.errors import NotFound
from shop.outbox import Message


@transaction.atomic(durable=True)
def review(*, actor: Actor, product_id: int, review: ReviewFields) -> Review:
    """A new review, marked as a verified purchase where its author has a confirmed order of the product.

    Raises InvalidInput, Refusals, NotFound, AlreadyReviewed.
    """
    author = None if actor.user_id is None else _locked(actor.user_id)
    if author is None:
        raise NotFound("Customer")
    is_verified = product_id in _bought(author.pk, [product_id])
    return reviews.write(
        author=author, actor=actor, product_id=product_id, review=review, is_verified_purchase=is_verified
    )


@outbox.handler("order.confirmed")
def verify_reviews(message: Message) -> None:
    """Mark reviews that were written before the product was bought."""
    _tell_reviews(message.payload["order_id"])


@outbox.handler("order.claimed")
def verify_reviews_of_claimed(message: Message) -> None:
    """As `verify_reviews`, where the order is the customer's only now."""
    _tell_reviews(message.payload["order_id"])


@outbox.handler("order.cancelled")
@outbox.handler("order.lines_cancelled")
@outbox.handler("order.edited")
@outbox.handler("return.received")
def doubt_reviews(message: Message) -> None:
    """Take the mark away where nothing is left of what was bought, and set it where something came."""
    _tell_reviews(message.payload["order_id"])


def _tell_reviews(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    if order.customer_id is None or _locked(order.customer_id) is None:
        return
    lines = order.lines.filter(variant__isnull=False)
    products = set(lines.values_list("variant__product_id", flat=True))
    bought = _bought(order.customer_id, products)
    reviews.mark_purchases(order.customer_id, {product_id: product_id in bought for product_id in products})


def _locked(customer_id: int) -> User | None:
    """The customer, locked: a review and the confirmation of an order that come at once then know of each other."""
    return User.objects.select_for_update(no_key=True).filter(pk=customer_id).first()


def _bought(customer_id: int, product_ids: Collection[int]) -> set[int]:
    """Those of these products that stand in a confirmed order of the customer."""
    standing = [OrderStatus.CONFIRMED, OrderStatus.FULFILLED]
    lines = OrderLine.objects.filter(order__customer_id=customer_id, order__status__in=standing)
    lines = lines.filter(quantity__gt=F("cancelled_quantity") + F("returned_quantity"))
    return set(lines.filter(variant__product_id__in=product_ids).values_list("variant__product_id", flat=True))
