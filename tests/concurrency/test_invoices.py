"""Many invoices at the same moment: numbers follow each other without a gap, and what is rolled back takes none."""

from functools import partial

import pytest

from checkout import invoices
from checkout.models import Invoice, Order
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_have_no_gaps_though_some_are_refused_and_some_ask_twice() -> None:
    mug = builders.a_variant(stock=99)
    standing = [builders.an_order((mug, 1)) for _ in range(8)]
    lost = [builders.an_order((mug, 1)) for _ in range(4)]
    Order.objects.filter(pk__in=[order.pk for order in lost]).update(status="CANCELLED")
    asked = [*standing, *standing, *lost]

    refused = refused_at_once(*[partial(invoices.create, order_key=order.key) for order in asked])

    assert [refusal.code for refusal in refused] == ["ORDER_NOT_INVOICEABLE"] * 4
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 9))
    assert invoices.gaps() == []
