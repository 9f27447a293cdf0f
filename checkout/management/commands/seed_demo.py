"""Fills the shop with the demo: catalog, pictures, reviews, ways to deliver, staff roles and, in debug, logins."""

import json
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import staff
from accounts.models import User
from catalog import demo, imports, reviews
from catalog.demo import pictures
from catalog.demo.reviews import OPINIONS
from catalog.models import Product, Review, ReviewStatus
from checkout.models import ShippingMethod, ShippingRate, ShippingZone
from shop import money

DEMO_PASSWORD = "demo-password-1"  # noqa: S105  (it is meant to be known, and given out in debug alone)


class Login(NamedTuple):
    """Somebody to sign in as; `role` is a staff role, None for customers."""

    email: str
    first_name: str
    last_name: str
    role: str | None = None


LOGINS = (
    Login("owner@example.com", "Olive", "Owner", "Owner"),
    Login("merchandiser@example.com", "Mara", "Merchandiser", "Merchandiser"),
    Login("fulfilment@example.com", "Finn", "Fulfilment", "Fulfilment"),
    Login("alice@example.com", "Alice", "Archer"),
    Login("bob@example.com", "Bob", "Baker"),
)


class Delivery(NamedTuple):
    """A way to deliver; amounts are in the units of a currency with cents."""

    handle: str
    title: str
    description: str
    amount: str
    free_from: str | None
    is_abroad: bool = False


DELIVERIES = (
    Delivery("standard", "Standard", "Three to five working days.", "4.90", "50.00"),
    Delivery("express", "Express", "The next working day.", "12.90", None),
    Delivery("international", "International", "One to three weeks.", "19.90", None, is_abroad=True),
)


class Command(BaseCommand):
    """A second run adds what is missing and leaves accounts, roles and delivery rates that exist as they are."""

    help = "Fill the shop with the demo: catalog, pictures, reviews, shipping, staff roles and, in debug, logins."

    def handle(self, *, verbosity: int, **options: Any) -> None:
        summary = _import_catalog()
        drawn = pictures.draw(settings.MEDIA_ROOT)
        with transaction.atomic():
            methods = [_create_shipping_method(place, delivery) for place, delivery in enumerate(DELIVERIES)]
            roles = [_create_role(name, permissions) for name, permissions in staff.ROLES.items()]
            people = [_create_login(login) for login in LOGINS] if settings.DEBUG else []
            opinions = _create_reviews()
        if not verbosity:
            return
        for kind, counts in summary.counts.items():
            told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
            self.stdout.write(f"{kind}: {told}")
        self.stdout.write(f"pictures: {drawn} below {settings.MEDIA_ROOT}")
        self.stdout.write(f"shipping methods: {sum(methods)} created")
        self.stdout.write(f"staff roles: {sum(roles)} created")
        self.stdout.write(f"reviews: {opinions} created")
        self.stdout.write(f"logins: {sum(people)} created")
        if any(people):
            self.stdout.write(f'Everybody has the password "{DEMO_PASSWORD}":')
            for login in LOGINS:
                self.stdout.write(f"  {login.email} ({login.role or 'customer'})")


def _import_catalog() -> imports.Summary:
    lines = (json.dumps(_priced(record)) for record in demo.records())
    try:
        return imports.run(lines, strict=True, report=lambda _number, _reason: None)
    except imports.Stopped as stopped:
        raise CommandError(f"The demo catalog does not fit into this shop. {stopped}") from stopped


def _priced(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its prices in the shop's currency: the same numbers, without decimals where it has none."""
    if record["kind"] != "product":
        return record
    prices = ("price", "compare_at_price")
    return record | {
        "variants": [
            variant
            | {name: str(_amount(variant[name])) for name in prices if variant[name] is not None}
            | {"currency": settings.SHOP_CURRENCY}
            for variant in record["variants"]
        ]
    }


def _amount(text: str) -> Decimal:
    factor = 1 if money.exponent(settings.SHOP_CURRENCY) else 100
    return money.Money.price(Decimal(text) * factor, settings.SHOP_CURRENCY).amount


def _create_shipping_method(place: int, delivery: Delivery) -> bool:
    if ShippingMethod.objects.filter(handle=delivery.handle).exists():
        return False
    method = ShippingMethod.objects.create(
        handle=delivery.handle,
        title=delivery.title,
        description=delivery.description,
        position=place,
        zone=_zone(is_abroad=delivery.is_abroad),
    )
    free_from = _amount(delivery.free_from) if delivery.free_from else None
    amounts: dict[str, Any] = {"amount": _amount(delivery.amount), "free_from": free_from}
    ShippingRate.objects.create(method=method, currency=settings.SHOP_CURRENCY, **amounts)
    return True


def _zone(*, is_abroad: bool) -> ShippingZone:
    """The shop's own country, or the rest of the world."""
    title = "Rest of the world" if is_abroad else settings.SHOP_COUNTRY
    where = {"is_rest": True} if is_abroad else {"countries": [settings.SHOP_COUNTRY]}
    zone, _ = ShippingZone.objects.get_or_create(title=title, defaults=where)
    return zone


def _create_role(name: str, permissions: frozenset[staff.Permission]) -> bool:
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        group.permissions.set(
            DjangoPermission.objects.filter(content_type__app_label="accounts", codename__in=permissions)
        )
    return is_new


def _create_reviews() -> int:
    """The opinions on products that nobody has reviewed yet."""
    handles = {opinion.handle for opinion in OPINIONS}
    products = dict(Product.objects.filter(handle__in=handles, reviews__isnull=True).values_list("handle", "pk"))
    written = [
        Review(
            product_id=products[opinion.handle],
            author_name=opinion.author_name,
            rating=opinion.rating,
            title=opinion.title,
            body=opinion.body,
            status=ReviewStatus.APPROVED if opinion.is_shown else ReviewStatus.PENDING,
        )
        for opinion in OPINIONS
        if opinion.handle in products
    ]
    Review.objects.bulk_create(written)
    reviews.refresh(products.values())
    return len(written)


def _create_login(login: Login) -> bool:
    if User.objects.filter(email=login.email).exists():
        return False
    user = User.objects.create_user(
        login.email,
        DEMO_PASSWORD,
        first_name=login.first_name,
        last_name=login.last_name,
        is_staff=login.role is not None,
        is_superuser=login.role == "Owner",
    )
    if login.role:
        user.groups.add(Group.objects.get(name=login.role))
    return True
