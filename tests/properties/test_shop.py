"""Whatever is done to the shop, in whatever order: it adds up, and what was refused did not happen."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.buying import Buying
from tests.properties.goods import Selling
from tests.properties.shelves import Shelves
from tests.properties.warehouse import Warehouse

# The suite tries the same few ways each time; `docs/testing.md` tells when to ask for others.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 2,
    derandomize=not EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


PARTS = {"catalog": (Shelves, Selling), "trade": (Warehouse, Buying), "all": (Shelves, Selling, Warehouse, Buying)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_adds_up_whatever_is_done(client, sam, alice, parts) -> None:
    # The fewer rules there are, the deeper the same number of steps leads.
    shop = type("Shop", parts, {"client": client, "sam": sam, "alice": alice})

    run_state_machine_as_test(shop, settings=PROFILE)
