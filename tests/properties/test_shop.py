"""Whatever is done to the shop, in whatever order: it adds up, and what was refused did not happen."""

import os

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as profile
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.afterwards import Afterwards
from tests.properties.assortment import Assortment
from tests.properties.books import Books
from tests.properties.buying import Buying
from tests.properties.offers import Offers
from tests.properties.shelves import Shelves
from tests.properties.warehouse import Warehouse

# The suite tries the same few ways each time; `docs/testing.md` tells when to ask for others.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
PROFILE = profile(
    max_examples=EXAMPLES or 2,
    derandomize=not EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if os.environ.get("PROPERTY_SHRINK") != "no" or phase is Phase.generate],
)


PARTS = {
    "catalog": (Shelves, Assortment),
    "trade": (Warehouse, Buying),
    "all": (Shelves, Assortment, Warehouse, Buying),
}


MONEY = (Offers, Afterwards, Books)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("settings")]


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_adds_up_whatever_is_done(client, sam, alice, parts) -> None:
    # The fewer rules there are, the deeper the same number of steps leads.
    shop = type("Shop", parts, {"client": client, "sam": sam, "alice": alice})

    run_state_machine_as_test(shop, settings=PROFILE)


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_keeps_its_books_whatever_is_bought_and_taken_back(client, sam, alice, currency) -> None:
    shop = type("Shop", MONEY, {"client": client, "sam": sam, "alice": alice, "currency": currency})

    run_state_machine_as_test(shop, settings=PROFILE)
