"""Signing in to Django's admin: for staff, and as slow to guess at as the API."""

import pytest

from accounts.models import SignInAttempts
from tests import builders

SIGN_IN = """
mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) { userErrors { code } }
}
"""


@pytest.fixture
def sign_in(client):
    """Send the form; says whether it let somebody in, and what it shows."""

    def send(email: str, password: str = builders.PASSWORD) -> tuple[bool, str]:
        answer = client.post("/admin/login/", {"username": email, "password": password, "next": "/admin/"})
        return answer.status_code == 302, answer.content.decode()

    return send


def test_lets_staff_in_and_forgets_their_wrong_passwords(sign_in, sam):
    sign_in(sam.email, "wrong")

    let_in, _ = sign_in("SAM@example.com")

    assert let_in
    assert not SignInAttempts.objects.exists()


def test_makes_who_guesses_wait(sign_in, sam):
    guesses = [sign_in(sam.email, "wrong") for _ in range(10)]

    let_in, page = sign_in(sam.email)

    assert not any(guessed for guessed, _ in guesses)
    assert not let_in
    assert "Too many attempts. Try again in 15 minutes." in page


def test_counts_together_with_the_api(sign_in, execute, sam):
    for _ in range(10):
        execute(SIGN_IN, email=sam.email, password="wrong")

    let_in, page = sign_in("Sam@Example.com ")

    assert not let_in
    assert "Too many attempts." in page


def test_lets_no_customer_in_and_asks_for_both_words(sign_in, alice):
    assert not sign_in(alice.email)[0]
    assert "This field is required." in sign_in("", "")[1]
