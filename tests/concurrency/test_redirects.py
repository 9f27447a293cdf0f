"""Handles changed and redirects written at the same moment: no redirect leads to another, none stands over a thing."""

from collections.abc import Callable
from functools import partial

import pytest

from catalog import categories, products, redirects
from catalog.models import Product, UrlRedirect
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def leads() -> dict[str, str]:
    return dict(UrlRedirect.objects.values_list("path", "target"))


def renaming(product: Product, *names: str) -> Callable[[], None]:
    def rename() -> None:
        for name in names:
            products.update(product_id=product.pk, product={"handle": name})

    return rename


def test_two_renames_of_one_product_leave_one_way_to_where_it_is() -> None:
    mug = builders.a_product("Mug")

    refused = refused_at_once(renaming(mug, *"abcde"), renaming(mug, *"vwxyz"))

    mug.refresh_from_db()
    here = f"/products/{mug.handle}"
    assert refused == []
    assert leads() == {f"/products/{old}": here for old in ["mug", *"abcdevwxyz"] if old != mug.handle}


def test_a_redirect_written_during_a_rename_leads_to_the_end() -> None:
    for number in range(ROUNDS):
        mug = builders.a_product(f"Mug {number}")
        old, new = f"/products/mug-{number}", f"/products/cup-{number}"

        refused = refused_at_once(
            renaming(mug, f"cup-{number}"), partial(redirects.create, path=f"/old-{number}", target=old)
        )

        assert refused == []
        assert {path: target for path, target in leads().items() if str(number) in path} == {
            old: new,
            f"/old-{number}": new,
        }


def test_chains_written_from_both_ends_close_up() -> None:
    for number in range(ROUNDS):
        a, b, c = (f"/{letter}-{number}" for letter in "abc")

        refused = refused_at_once(
            partial(redirects.create, path=a, target=b), partial(redirects.create, path=b, target=c)
        )

        assert refused == []
        assert (leads()[a], leads()[b]) == (c, c)


def test_a_circle_written_from_both_ends_is_refused_to_one() -> None:
    for number in range(ROUNDS):
        a, b = f"/a-{number}", f"/b-{number}"

        refused = refused_at_once(
            partial(redirects.create, path=a, target=b), partial(redirects.create, path=b, target=a)
        )

        assert [refusal.code for refusal in refused] == ["REDIRECT_LOOP"]
        assert len({a, b} & leads().keys()) == 1


def test_a_redirect_never_stands_over_a_category_made_meanwhile() -> None:
    for number in range(ROUNDS):
        refused = refused_at_once(
            partial(categories.create, category={"title": f"Mugs {number}"}),
            partial(redirects.create, path=f"/collections/mugs-{number}", target="/"),
        )

        assert [refusal.code for refusal in refused] in ([], ["PATH_EXISTS"])
        assert leads() == {}
