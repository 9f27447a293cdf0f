"""customerCreate by several people at the same moment: one address, one account."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from graphql_jwt.refresh_token.models import RefreshToken

from accounts.models import User
from shop.models import OutboxMessage
from tests.concurrency.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4
CREATE = """
mutation ($email: String!) {
  customerCreate(input: { email: $email, password: "blue kettle on the shelf" }) {
    customer { email } userErrors { code }
  }
}
"""


def test_of_several_at_the_same_moment_one_gets_the_address():
    together = Barrier(THREADS)

    def create(number: int) -> str:
        email = ["New@example.com", "new@example.com"][number % 2]
        try:
            together.wait(PATIENCE)
            body = {"query": CREATE, "variables": {"email": email}}
            payload = Client().post("/graphql/", body, content_type="application/json").json()["data"]["customerCreate"]
        finally:
            connections.close_all()
        return payload["userErrors"][0]["code"] if payload["userErrors"] else payload["customer"]["email"]

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(create, range(THREADS)))

    assert outcomes == {"new@example.com": 1, "EMAIL_TAKEN": THREADS - 1}
    assert User.objects.count() == 1
    assert RefreshToken.objects.count() == 1
    assert OutboxMessage.objects.count() == 1
