"""Writes put together once: what Django itself would store, in one statement, and nothing cut off on the way."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection

from checkout.models import Cart, CartAddress, CartLine, Order, Payment, TestCharge
from shop import clock, writes
from shop.ids import new_key
from tests import builders

pytestmark = pytest.mark.django_db

ATTRIBUTES = [{"key": "Engraving", "value": 'Für "Ada" %s {}'}]


def stored(instance):
    """All that is stored of an instance, as Django reads it."""
    return type(instance).objects.filter(pk=instance.pk).values().get()


def told(instance):
    """All that an instance says of itself."""
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def an_order_of(cart: Cart, number: int = 7) -> Order:
    return Order(
        number=number,
        cart=cart,
        email="ada@example.com",
        attributes=ATTRIBUTES,
        currency="KWD",
        subtotal=Decimal("12.345"),
        shipping_total=Decimal(0),
        tax_total=Decimal(0),
        total=Decimal("12.345"),
        hold_expires_at=clock.now(),
    )


def test_one_instance_is_stored_as_it_is(django_assert_num_queries):
    order = an_order_of(builders.a_cart())

    with django_assert_num_queries(1):
        writes.insert([order])

    assert stored(order) == told(order)
    assert (order._state.adding, order._state.db) == (False, "default")


def test_what_is_left_to_the_database_is_told(django_assert_num_queries):
    order = an_order_of(builders.a_cart())
    order.number = Order().number

    with django_assert_num_queries(1):
        writes.insert([order])

    assert order.number == Order.objects.get().number
    assert len(str(order.number)) == 8


def test_what_is_gathered_is_stored_at_the_end_model_by_model(django_assert_num_queries):
    order = an_order_of(builders.a_cart())
    payments = [Payment(gateway="test", amount=Decimal(amount), currency="KWD") for amount in (1, 2)]

    with django_assert_num_queries(2), writes.gathered(Payment):
        writes.insert([order])
        for payment in payments:
            payment.order = order
            writes.insert([payment])
        assert [payment.pk for payment in payments] == [None, None]

    assert list(Payment.objects.order_by("pk").values_list("pk", "amount")) == [
        (payments[0].pk, Decimal(1)),
        (payments[1].pk, Decimal(2)),
    ]


def test_nothing_that_is_gathered_is_stored_where_the_block_fails(db):
    order = an_order_of(builders.a_cart())
    writes.insert([order])

    def fail() -> None:
        with writes.gathered(Payment):
            writes.insert([Payment(order=order, gateway="test", amount=Decimal(1), currency="KWD")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not Payment.objects.exists()


@pytest.mark.parametrize("size", [2, 20])
def test_several_are_stored_in_one_statement_and_told_their_keys_in_order(size, django_assert_num_queries):
    cart = builders.a_cart()
    variants = [builders.a_variant() for _ in range(size)]
    lines = [
        CartLine(cart=cart, variant=variant, quantity=number, attributes=ATTRIBUTES if number % 2 else [])
        for number, variant in enumerate(variants, 1)
    ]

    with django_assert_num_queries(1):
        writes.insert(lines)

    assert [stored(line) for line in lines] == [told(line) for line in lines]
    assert [line.pk for line in lines] == sorted(line.pk for line in lines)
    assert len({line.attributes_digest for line in lines}) == 2  # which the database made of them


def test_a_key_that_is_not_made_by_the_database_is_stored():
    charges = [TestCharge(key=new_key(), amount=Decimal(5), currency="USD", status="CAPTURED") for _ in range(3)]

    writes.insert(charges[:1])
    writes.insert(charges[1:])

    assert [stored(charge) for charge in charges] == [told(charge) for charge in charges]


def test_only_what_is_named_is_changed(django_assert_num_queries):
    cart, other = builders.a_cart(note="Before"), builders.a_cart(note="Other")
    cart.note, cart.attributes, cart.country, cart.email = "After", ATTRIBUTES, "US", "unsaved@example.com"

    with django_assert_num_queries(1):
        writes.update([cart], "note", "attributes", "country")

    assert stored(cart) == {**told(cart), "email": "ada@example.com"}
    assert stored(other) == told(other)


def test_several_are_changed_in_one_statement(django_assert_num_queries):
    cart = builders.a_cart(*[(builders.a_variant(), 1) for _ in range(3)])
    first, second, third = cart.lines.order_by("pk")
    # Two may swap what no two may have at once.
    first.variant_id, second.variant_id = second.variant_id, first.variant_id
    first.quantity, first.attributes = 5, ATTRIBUTES
    third.quantity = 9

    with django_assert_num_queries(1):
        writes.update([first, second], "variant", "quantity", "attributes")

    rows = cart.lines.order_by("pk").values_list("variant_id", "quantity", "attributes")
    assert list(rows) == [
        (first.variant_id, 5, ATTRIBUTES),
        (second.variant_id, 1, []),
        (third.variant_id, 1, []),
    ]


def test_a_time_of_the_last_change_is_set_as_django_sets_it(monkeypatch):
    payment = builders.an_order((builders.a_variant(), 1)).payments.get()
    now = datetime(2030, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    writes.update([payment], "error", "updated_at")

    assert Payment.objects.get().updated_at == payment.updated_at == now


def test_nothing_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        writes.insert([])
        writes.update([], "note")


@pytest.mark.parametrize("size", [1, 2])
def test_what_is_too_long_is_refused_and_not_cut_off(size):
    carts = [Cart(currency="USDX") for _ in range(size)]

    with pytest.raises(DataError):
        writes.insert(carts)


def test_constraints_speak_as_ever():
    cart = builders.a_cart()
    addresses = [CartAddress(cart=cart, address={}, is_selected=True) for _ in range(2)]

    with pytest.raises(IntegrityError, match="one_address_selected"):
        writes.insert(addresses)


def test_the_text_of_a_statement_does_not_depend_on_the_values():
    texts = set()

    def noted(execute, sql, *rest):
        texts.add(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(noted):
        writes.insert([Cart(currency="EUR", note="x", country="US") for _ in range(2)])
        writes.insert([Cart(currency="JPY", attributes=ATTRIBUTES) for _ in range(30)])

    assert len(texts) == 1
    assert Cart.objects.count() == 32


@pytest.mark.parametrize("quantity", [2**31, 2**32 + 1, -(2**31) - 1])
@pytest.mark.parametrize("several", [False, True])
def test_a_number_that_does_not_fit_is_refused(quantity, several):
    cart, mug = builders.a_cart(), builders.a_variant("MUG")
    fitting = CartLine(cart=cart, variant=mug, quantity=2**31 - 1, attributes=[])
    lines = [CartLine(cart=cart, variant=mug, quantity=quantity, attributes=ATTRIBUTES), *[fitting] * several]

    with pytest.raises(DataError, match="quantity"):
        writes.insert(lines)

    assert not CartLine.objects.exists()
    writes.insert([fitting])
    fitting.quantity = quantity
    with pytest.raises(DataError, match="quantity"):
        writes.update([fitting], "quantity")
