"""Sessions and the people they belong to, where no single operation tells."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import RequestFactory
from graphql_jwt.refresh_token.models import RefreshToken

from accounts import actors, attempts, sessions
from accounts.actors import GUEST
from accounts.models import SignInAttempts, User
from accounts.staff import Permission
from schema import loaders
from schema.context import Context
from shop import clock, requests
from tests import builders


def test_forgets_what_time_has_made_worthless(alice):
    sessions.start(alice)
    young = sessions.start(alice)
    digest = RefreshToken.objects.order_by("pk").first().token
    RefreshToken.objects.filter(token=digest).update(created=clock.now() - settings.REFRESH_TOKEN_LIFETIME)
    attempts.count(email="old@example.com", client_address="")
    SignInAttempts.objects.update(since=clock.now() - attempts.WINDOW)
    attempts.count(email="young@example.com", client_address="")

    sessions.forget_expired()

    assert RefreshToken.objects.count() == 1
    assert SignInAttempts.objects.count() == 1
    assert sessions.refresh(refresh_token=young.refresh_token).user == alice


def test_the_builders_tokens_are_those_of_sign_in(alice):
    built, issued = builders.an_access_token(alice), sessions.start(alice).access_token

    assert sessions.verify(built).user == sessions.verify(issued).user
    assert abs(sessions.verify(built).expires_at - sessions.verify(issued).expires_at) <= timedelta(seconds=2)


def test_customers_are_seen_by_themselves_and_by_staff_who_serve_them(alice, bob, sam):
    def seen_by(user: User | None) -> list[User | None]:
        actor = actors.of_user(user) if user else GUEST
        return loaders.customers(Context(shop_currency="USD", signed_in=actor), [alice.pk, None, bob.pk])

    merchandiser = builders.a_customer(is_staff=True)

    assert seen_by(None) == [None, None, None]
    assert seen_by(alice) == [alice, None, None]
    assert seen_by(merchandiser) == [None, None, None]
    assert seen_by(sam) == [alice, None, bob]


@pytest.mark.parametrize("size", [1, 20])
def test_permissions_cost_the_same_however_many_people(db, sam, size, django_assert_num_queries):
    people = [sam, *(builders.a_customer(is_staff=True) for _ in range(size))]

    with django_assert_num_queries(1):
        found = actors.of_users(people)

    assert found[0].permissions == frozenset(Permission)
    assert {actor.permissions for actor in found[1:]} == {frozenset()}


def test_who_left_the_staff_holds_no_permissions(sam):
    for change in ({"is_active": False}, {"is_staff": False}):
        User.objects.filter(pk=sam.pk).update(**{"is_active": True, "is_staff": True, **change})

        assert actors.of_user(User.objects.get(pk=sam.pk)).permissions == frozenset()


def test_believes_only_what_our_own_proxy_says_of_addresses(settings):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.9"}, REMOTE_ADDR="10.0.0.1")

    assert requests.client_address(request) == "10.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert requests.client_address(request) == "192.0.2.9"
    assert requests.client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"


def test_the_admin_finds_and_makes_people_by_their_address(client, alice):
    client.force_login(User.objects.create_superuser("owner@example.com", builders.PASSWORD))
    new = {
        "email": "Grace@Example.com",
        "usable_password": "true",
        "password1": "x1 kettle y",
        "password2": "x1 kettle y",
    }

    found = client.get("/admin/accounts/user/", {"q": "alice@"})
    shown = client.get(f"/admin/accounts/user/{alice.pk}/change/")
    made = client.post("/admin/accounts/user/add/", new)

    assert [user.email for user in found.context["cl"].queryset] == ["alice@example.com"]
    assert shown.status_code == 200
    assert made.status_code == 302
    assert User.objects.get(email="grace@example.com").check_password("x1 kettle y")
