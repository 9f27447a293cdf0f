"""cartNoteUpdate: a note for the shop."""

import pytest

from tests import builders
from tests.api.cart_documents import changing

UPDATE = changing("cartNoteUpdate", "note: String!", "note")


@pytest.mark.parametrize(("note", "kept"), [(" Ring twice.\nThanks ", "Ring twice.\nThanks"), ("", None)])
def test_leaves_a_note(execute, note, kept):
    cart = builders.a_cart(note="Before")

    payload = execute(UPDATE, cartId=builders.id_of(cart), note=note)["cartNoteUpdate"]

    assert payload == {"cart": {"note": kept}, "userErrors": [], "warnings": []}


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("x" * 5001, "At most 5000 characters are allowed; these are 5001."),
        ("a\x07b", "The character U+0007 is not allowed."),
    ],
)
def test_refuses_what_is_no_note(execute, note, message):
    cart = builders.a_cart(note="Before")

    payload = execute(UPDATE, cartId=builders.id_of(cart), note=note)["cartNoteUpdate"]

    assert payload == {
        "cart": {"note": "Before"},
        "userErrors": [{"code": "INVALID", "field": ["note"], "message": message}],
        "warnings": [],
    }
    cart.refresh_from_db()
    assert cart.note == "Before"
