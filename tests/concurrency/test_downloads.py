"""Many downloads at once, in real transactions: never more than the limit allows."""

from functools import partial

import pytest
from django.test import Client

from checkout import downloads
from checkout.models import DownloadGrant
from shop import relay
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_is_downloaded_as_often_as_it_may_be_and_no_more(private_root):
    score = builders.a_variant(stock=9)
    builders.a_digital_file(score, download_limit=7)
    order = builders.an_order((score, 1))
    relay.drain()
    [[download]] = downloads.of_orders([order.pk]).values()
    address = (download.url or "").partition("/downloads/")[2]
    statuses: list[int] = []

    def fetch():
        response = Client().get(f"/downloads/{address}")
        statuses.append(response.status_code)
        response.close()

    refusals = refused_at_once(*[partial(fetch)] * 20)

    assert refusals == []
    assert sorted(statuses) == [200] * 7 + [410] * 13
    assert DownloadGrant.objects.get().download_count == 7
