"""Wishlists: made, named, filled, shared and taken back by their owners, and read by whoever has the link."""

from typing import Any

import pytest

from catalog import wishlists
from catalog.models import Product, Wishlist, WishlistItem
from tests import builders

ERRORS = "userErrors { code field message }"
LIST = "wishlist { name isDefault items { totalCount nodes { variant { sku } } } }"
CREATE = f"mutation ($name: String!) {{ wishlistCreate(name: $name) {{ {LIST} {ERRORS} }} }}"
UPDATE = f"mutation ($id: ID!, $name: String!) {{ wishlistUpdate(id: $id, name: $name) {{ {LIST} {ERRORS} }} }}"
DELETE = f"mutation ($id: ID!) {{ wishlistDelete(id: $id) {{ deletedWishlistId {ERRORS} }} }}"
SHARE = f"mutation ($id: ID!) {{ wishlistShare(id: $id) {{ wishlist {{ shareToken shareUrl }} {ERRORS} }} }}"
UNSHARE = f"mutation ($id: ID!) {{ wishlistUnshare(id: $id) {{ wishlist {{ shareToken shareUrl }} {ERRORS} }} }}"
ADD = f"""
mutation ($id: ID, $variants: [ID!]!) {{ wishlistItemsAdd(id: $id, variantIds: $variants) {{ {LIST} {ERRORS} }} }}
"""
REMOVE = f"""
mutation ($id: ID!, $variants: [ID!]!) {{ wishlistItemsRemove(id: $id, variantIds: $variants) {{ {LIST} {ERRORS} }} }}
"""
MOVE = f"""
mutation ($id: ID!, $to: ID!, $variants: [ID!]!) {{
  wishlistItemsMove(id: $id, toId: $to, variantIds: $variants) {{
    {LIST} destination {{ name items {{ nodes {{ variant {{ sku }} }} }} }} {ERRORS}
  }}
}}
"""
MINE = "{ me { wishlists { name isDefault items(first: 2) { totalCount nodes { variant { sku } } } } } }"
SHARED = "query ($token: String!) { wishlist(token: $token) { name items { nodes { variant { sku } } } } }"
OWN = "query ($id: ID!) { wishlist(id: $id) { name } node(id: $id) { id } }"


def refused(code, field, message):
    return [{"code": code, "field": field, "message": message}]


def skus(wishlist):
    return [node["variant"]["sku"] for node in wishlist["items"]["nodes"]]


@pytest.fixture
def mug(db):
    return builders.a_variant("MUG")


@pytest.fixture
def pot(db):
    return builders.a_variant("POT")


@pytest.fixture
def gifts(alice):
    return Wishlist.objects.create(owner=alice, name="Gifts")


def put(wishlist, *variants):
    for variant in variants:
        WishlistItem.objects.create(wishlist=wishlist, variant=variant)


def test_the_first_thing_added_makes_the_default_list(execute, alice, mug, pot):
    first = execute(ADD, as_=alice, variants=[builders.id_of(mug)])["wishlistItemsAdd"]
    execute(ADD, as_=alice, variants=[builders.id_of(pot), builders.id_of(mug)])

    assert first == {
        "wishlist": {
            "name": "Wishlist",
            "isDefault": True,
            "items": {"totalCount": 1, "nodes": [{"variant": {"sku": "MUG"}}]},
        },
        "userErrors": [],
    }
    [mine] = execute(MINE, as_=alice)["me"]["wishlists"]
    assert (mine["items"]["totalCount"], skus(mine)) == (2, ["POT", "MUG"])


def test_makes_names_and_deletes_lists(execute, alice, mug):
    made = execute(CREATE, as_=alice, name=" Birthday ")["wishlistCreate"]
    assert made == {
        "wishlist": {"name": "Birthday", "isDefault": False, "items": {"totalCount": 0, "nodes": []}},
        "userErrors": [],
    }
    stored = Wishlist.objects.get()
    put(stored, mug)
    id_ = builders.id_of(stored)

    renamed = execute(UPDATE, as_=alice, id=id_, name="Wedding 💍")["wishlistUpdate"]
    assert (renamed["wishlist"]["name"], renamed["userErrors"]) == ("Wedding 💍", [])

    assert execute(DELETE, as_=alice, id=id_)["wishlistDelete"] == {"deletedWishlistId": id_, "userErrors": []}
    assert not Wishlist.objects.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("  ", "This must not be empty."),
        ("x" * 101, "At most 100 characters are allowed; these are 101."),
        ("a\nb", "The character U+000A is not allowed."),
    ],
)
def test_refuses_what_is_no_name(execute, alice, gifts, name, message):
    expected = {"wishlist": None, "userErrors": refused("INVALID", ["name"], message)}

    assert execute(CREATE, as_=alice, name=name)["wishlistCreate"] == expected
    assert execute(UPDATE, as_=alice, id=builders.id_of(gifts), name=name)["wishlistUpdate"] == expected
    assert list(Wishlist.objects.values_list("name", flat=True)) == ["Gifts"]


def test_takes_things_off_a_list(execute, alice, gifts, mug, pot):
    put(gifts, mug, pot)

    for _ in range(2):
        payload = execute(REMOVE, as_=alice, id=builders.id_of(gifts), variants=[builders.id_of(mug)])
        assert skus(payload["wishlistItemsRemove"]["wishlist"]) == ["POT"]
        assert payload["wishlistItemsRemove"]["userErrors"] == []


def test_moves_things_from_one_list_to_another(execute, alice, gifts, mug, pot):
    other = Wishlist.objects.create(owner=alice, name="Later")
    put(gifts, mug, pot)
    put(other, mug)

    payload = execute(
        MOVE,
        as_=alice,
        id=builders.id_of(gifts),
        to=builders.id_of(other),
        variants=[builders.id_of(mug), builders.id_of(pot)],
    )["wishlistItemsMove"]

    assert payload["userErrors"] == []
    assert (skus(payload["wishlist"]), sorted(skus(payload["destination"]))) == ([], ["MUG", "POT"])


def test_refuses_to_move_what_is_not_there_or_goes_nowhere(execute, alice, gifts, mug, pot):
    other = Wishlist.objects.create(owner=alice, name="Later")
    put(gifts, mug)
    variants = [builders.id_of(mug), builders.id_of(pot)]

    absent = execute(MOVE, as_=alice, id=builders.id_of(gifts), to=builders.id_of(other), variants=variants)
    nowhere = execute(MOVE, as_=alice, id=builders.id_of(gifts), to=builders.id_of(gifts), variants=variants)

    assert absent["wishlistItemsMove"] == {
        "wishlist": None,
        "destination": None,
        "userErrors": refused("NOT_FOUND", ["variantIds", "1"], "ProductVariant not found."),
    }
    assert nowhere["wishlistItemsMove"]["userErrors"] == refused(
        "INVALID", ["toId"], "Choose another wishlist to move to."
    )
    assert list(WishlistItem.objects.values_list("wishlist__name", "variant__sku")) == [("Gifts", "MUG")]


def test_a_shared_list_is_read_by_whoever_has_the_link_until_it_is_taken_back(
    execute, settings, alice, bob, gifts, mug
):
    settings.WISHLIST_URL = "https://clay.example/wish/{token}"
    put(gifts, mug)
    id_ = builders.id_of(gifts)

    shared = execute(SHARE, as_=alice, id=id_)["wishlistShare"]["wishlist"]
    again = execute(SHARE, as_=alice, id=id_)["wishlistShare"]["wishlist"]

    token = shared["shareToken"]
    assert shared == again == {"shareToken": token, "shareUrl": f"https://clay.example/wish/{token}"}
    seen = {"wishlist": {"name": "Gifts", "items": {"nodes": [{"variant": {"sku": "MUG"}}]}}}
    assert [execute(SHARED, as_=who, token=token) for who in (None, bob)] == [seen, seen]

    payload = execute(UNSHARE, as_=alice, id=id_)["wishlistUnshare"]

    assert payload == {"wishlist": {"shareToken": None, "shareUrl": None}, "userErrors": []}
    assert execute(SHARED, token=token) == {"wishlist": None}
    assert execute(SHARE, as_=alice, id=id_)["wishlistShare"]["wishlist"]["shareToken"] != token


@pytest.mark.parametrize("token", ["", "0" * 32, "\x00", "x" * 10_000])
def test_no_other_token_leads_anywhere(execute, gifts, token):
    assert execute(SHARED, token=token) == {"wishlist": None}


def test_nobody_else_sees_or_changes_a_list(execute, bob, sam, gifts, mug, pot):
    put(gifts, mug)
    id_ = builders.id_of(gifts)
    other = Wishlist.objects.create(owner=bob, name="Mine")
    things = {"variants": [builders.id_of(mug)]}
    asked: list[tuple[str, dict[str, Any], str]] = [
        (UPDATE, {"id": id_, "name": "Hacked"}, "id"),
        (DELETE, {"id": id_}, "id"),
        (SHARE, {"id": id_}, "id"),
        (UNSHARE, {"id": id_}, "id"),
        (ADD, {"id": id_, "variants": [builders.id_of(pot)]}, "id"),
        (REMOVE, {"id": id_, **things}, "id"),
        (MOVE, {"id": id_, "to": builders.id_of(other), **things}, "id"),
        (MOVE, {"id": builders.id_of(other), "to": id_, **things}, "toId"),
    ]

    for document, variables, field in asked:
        [payload] = execute(document, as_=bob, **variables).values()
        assert payload["userErrors"] == refused("NOT_FOUND", [field], "Wishlist not found.")
    assert [execute(OWN, as_=who, id=id_) for who in (None, bob, sam)] == [{"wishlist": None, "node": None}] * 3
    gifts.refresh_from_db()
    assert (gifts.name, gifts.share_token) == ("Gifts", None)
    assert list(gifts.items.values_list("variant__sku", flat=True)) == ["MUG"]


def test_owners_read_their_own_by_id(execute, alice, gifts):
    id_ = builders.id_of(gifts)

    assert execute(OWN, as_=alice, id=id_) == {"wishlist": {"name": "Gifts"}, "node": {"id": id_}}


def test_a_thing_stays_while_it_is_not_offered_and_goes_when_it_is_gone(execute, alice, gifts, mug, pot):
    put(gifts, mug, pot)
    Product.objects.filter(pk=mug.product_id).update(status="DRAFT")
    nodes = execute(MINE, as_=alice)["me"]["wishlists"][0]["items"]["nodes"]
    assert nodes == [{"variant": {"sku": "POT"}}, {"variant": None}]

    Product.objects.filter(pk=mug.product_id).update(status="ACTIVE")
    pot.delete()

    assert skus(execute(MINE, as_=alice)["me"]["wishlists"][0]) == ["MUG"]


def test_refuses_variants_that_are_not_shown_or_not_there(execute, alice, gifts, mug):
    draft = builders.a_variant(status="DRAFT")
    wanted = [builders.id_of(mug), builders.id_of(draft), "gid://shop/ProductVariant/404"]

    payload = execute(ADD, as_=alice, id=builders.id_of(gifts), variants=wanted)["wishlistItemsAdd"]
    malformed = execute(ADD, as_=alice, variants=["mug"])["wishlistItemsAdd"]

    assert payload["userErrors"] == [
        *refused("NOT_FOUND", ["variantIds", "1"], "ProductVariant not found."),
        *refused("NOT_FOUND", ["variantIds", "2"], "ProductVariant not found."),
    ]
    assert malformed["userErrors"] == refused("NOT_FOUND", ["variantIds", "0"], "ProductVariant not found.")
    assert not WishlistItem.objects.exists()
    assert list(Wishlist.objects.values_list("name", flat=True)) == ["Gifts"]


@pytest.mark.parametrize("count", [0, 251])
def test_refuses_none_and_too_many_at_once(execute, alice, mug, count):
    payload = execute(ADD, as_=alice, variants=[builders.id_of(mug)] * count)["wishlistItemsAdd"]

    assert payload["userErrors"] == refused("INVALID", ["variantIds"], "Name 1 to 250 variants.")
    assert not Wishlist.objects.exists()


def test_refuses_more_than_a_list_holds(execute, alice, gifts, mug, pot, monkeypatch):
    monkeypatch.setattr(wishlists, "MAX_ITEMS", 1)
    put(gifts, mug)

    payload = execute(ADD, as_=alice, id=builders.id_of(gifts), variants=[builders.id_of(pot)])["wishlistItemsAdd"]

    message = '"Gifts" cannot hold more than 1 things; use another wishlist.'
    assert payload == {"wishlist": None, "userErrors": refused("WISHLIST_FULL", None, message)}
    assert skus(execute(MINE, as_=alice)["me"]["wishlists"][0]) == ["MUG"]


def test_refuses_more_lists_than_are_allowed(execute, alice):
    Wishlist.objects.bulk_create(Wishlist(owner=alice, name=str(number)) for number in range(50))

    payload = execute(CREATE, as_=alice, name="One more")["wishlistCreate"]

    message = "You have 50 wishlists, and no more are allowed; delete one first."
    assert payload == {"wishlist": None, "userErrors": refused("TOO_MANY_WISHLISTS", None, message)}
    assert Wishlist.objects.count() == 50


def test_turns_away_a_guest(request_graphql, gifts, mug):
    asked: list[tuple[str, dict[str, Any]]] = [
        (CREATE, {"name": "Mine"}),
        (ADD, {"variants": [builders.id_of(mug)]}),
        (DELETE, {"id": builders.id_of(gifts)}),
    ]
    for document, variables in asked:
        answer = request_graphql(document, **variables)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (Wishlist.objects.count(), WishlistItem.objects.count()) == (1, 0)


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_and_however_full(execute, alice, django_assert_num_queries, size):
    variants = [builders.a_variant() for _ in range(size)]
    for number in range(size):
        put(Wishlist.objects.create(owner=alice, name=str(number)), *variants)

    with django_assert_num_queries(5):
        execute(MINE.replace("first: 2", "first: 250"), as_=alice)
