"""Tax classes and shipping classes: made, called otherwise, and removed once nothing names them."""

from typing import Any

import pytest

from accounts.models import User
from accounts.staff import Permission
from catalog.models import ShippingClass, TaxClass
from checkout.models import TaxRate
from schema.nodes import gid
from tests import builders
from tests.conftest import Execute

KINDS = pytest.mark.parametrize(("noun", "model"), [("taxClass", TaxClass), ("shippingClass", ShippingClass)])


def documents(noun: str) -> tuple[str, str, str]:
    kind = f"{noun[0].upper()}{noun[1:]}"
    answer = f"{noun} {{ handle title }} userErrors {{ code field message }}"
    return (
        f"mutation ($input: ClassCreateInput!) {{ {noun}Create({noun}: $input) {{ {answer} }} }}",
        f"mutation ($id: ID!, $input: ClassUpdateInput!) {{ {noun}Update(id: $id, {noun}: $input) {{ {answer} }} }}",
        f"mutation ($id: ID!) {{ {noun}Delete(id: $id) {{ deleted{kind}Id userErrors {{ code field message }} }} }}",
    )


@KINDS
def test_are_made_changed_listed_and_removed(execute: Execute, sam: User, noun: str, model: Any) -> None:
    create, update, delete = documents(noun)

    made = execute(create, as_=sam, input={"title": "Very bulky"})[f"{noun}Create"]
    id = gid(model.__name__, model.objects.get().pk)
    taken = execute(create, as_=sam, input={"title": "Other", "handle": "very-bulky"})[f"{noun}Create"]
    changed = execute(update, as_=sam, id=id, input={"title": "Bulky"})[f"{noun}Update"]
    listed = execute(f"{{ {noun}es(first: 9) {{ nodes {{ id title }} }} }}", as_=sam)[f"{noun}es"]["nodes"]
    gone = execute(delete, as_=sam, id=id)[f"{noun}Delete"]

    assert made == {noun: {"handle": "very-bulky", "title": "Very bulky"}, "userErrors": []}
    assert [(error["code"], error["field"]) for error in taken["userErrors"]] == [("HANDLE_TAKEN", [noun, "handle"])]
    assert changed[noun] == {"handle": "very-bulky", "title": "Bulky"}
    assert listed == [{"id": id, "title": "Bulky"}]
    assert gone["userErrors"] == []
    assert not model.objects.exists()


@KINDS
def test_stay_while_a_category_names_them(execute: Execute, sam: User, noun: str, model: Any) -> None:
    row = model.objects.create(handle="bulky", title="Bulky")
    category = builders.a_category("Sofas")
    change = f"categoryUpdate(id: $id, category: {{ {noun}Id: $class }}) {{ userErrors {{ code }} }}"
    place = f"mutation ($id: ID!, $class: ID) {{ {change} }}"
    execute(place, as_=sam, id=builders.id_of(category), **{"class": gid(model.__name__, row.pk)})

    payload = execute(documents(noun)[2], as_=sam, id=gid(model.__name__, row.pk))[f"{noun}Delete"]

    assert payload["userErrors"] == [
        {
            "code": "CLASS_IN_USE",
            "field": ["id"],
            "message": "The category Sofas names Bulky; take it away there first.",
        }
    ]
    assert model.objects.exists()


def test_a_tax_class_stays_while_a_rate_names_it(execute: Execute, sam: User) -> None:
    row = TaxClass.objects.create(handle="food", title="Food")
    TaxRate.objects.create(title="VAT", rate="0.07", country="DE", tax_class=row)

    payload = execute(documents("taxClass")[2], as_=sam, id=gid("TaxClass", row.pk))["taxClassDelete"]

    assert [error["message"] for error in payload["userErrors"]] == ["A rate names Food; take it away there first."]
    assert TaxClass.objects.exists()


@KINDS
def test_are_for_staff_who_manage_the_catalog(request_graphql: Execute, alice: User, noun: str, model: Any) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_CATALOG}))

    answers = [request_graphql(documents(noun)[0], as_=user, input={"title": "X"}) for user in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN"] * 2
    assert not model.objects.exists()
