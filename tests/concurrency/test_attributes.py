"""Definitions and values changed at the same moment: what is stored always fits, and applies where it says so."""

import json
import random
from decimal import Decimal
from functools import partial

import pytest

from catalog import attribute_values, attributes, imports
from catalog.models import AttributeKind, AttributeValue
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_facts import in_threads
from tests.concurrency.test_tree import any_category, carry, move, unless_refused
from tests.domain.import_lines import a_product_line, a_variant_line

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def test_a_choice_is_either_taken_away_or_made(assert_verified):
    place = builders.a_category()
    for number in range(ROUNDS):
        colour = builders.an_attribute(f"Colour {number}", AttributeKind.CHOICE, "Red", on=place)
        product = builders.a_product(category=place)
        red: attribute_values.Said = {"handle": colour.handle, "choices": ["red"]}

        refused = refused_at_once(
            partial(attributes.remove_choice, choice_id=colour.choices.get().pk),
            partial(attribute_values.set_of_product, product_id=product.pk, values=[red]),
        )

        assert len(refused) == 1
        assert refused[0].code in {"ATTRIBUTE_CHOICE_IN_USE", "INVALID"}
        assert AttributeValue.objects.filter(attribute=colour).count() == colour.choices.count()
    assert_verified()


def test_values_apply_where_they_say_so_however_the_tree_is_changed(assert_verified):
    top = builders.a_category("Top")
    below = [builders.a_category(parent=top) for _ in range(4)]
    size = builders.an_attribute("Size", AttributeKind.NUMBER, on=top)
    made = [builders.a_product(category=place) for place in below]
    goods = [product.pk for product in made]
    for product in made:
        builders.described(product, size, 1)

    def assign(dice: random.Random) -> None:
        attributes.assign(category_id=any_category(dice), attributes=[{"attribute_id": size.pk}])

    def unassign(dice: random.Random) -> None:
        attributes.unassign(category_id=any_category(dice), attribute_ids=[size.pk])

    def describe(dice: random.Random) -> None:
        said: attribute_values.Said = {"handle": "size", "number": Decimal(dice.randrange(9))}
        attribute_values.set_of_product(product_id=dice.choice(goods), values=[said])

    def bring_in(dice: random.Random) -> None:
        product, place = dice.choice(made), dice.choice(below)
        line = a_product_line(
            product.handle,
            id=None,
            categories=[place.handle],
            attributes={"size": str(dice.randrange(9))},
            variants=[a_variant_line(f"NEW-{product.pk}")],
        )
        imports.run([json.dumps(line)], strict=False, report=lambda _, refusal: None)

    works = [assign, unassign, describe, describe, bring_in, carry, move]

    in_threads(*(unless_refused(work, seed, ROUNDS) for seed, work in enumerate(works)))

    assert AttributeValue.objects.count() == len(below)
    assert_verified()
