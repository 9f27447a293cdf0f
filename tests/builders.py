"""Builders: each makes one thing, takes only what a test is about, and keeps every invariant of the shop."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any, TypeAlias, cast

from django.contrib.auth.models import Permission as StoredPermission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from graphql_jwt.shortcuts import get_token
from PIL import Image

from accounts import groups, loyalty, points
from accounts.actors import SYSTEM, Actor
from accounts.addresses import Address
from accounts.models import CreditLimit, CustomerGroup, LoyaltyProgram, User
from accounts.staff import Permission
from catalog import applying, bundles, digital, facts, price_lists, reviews, search, stock
from catalog import prices as catalog_prices
from catalog.models import (
    AlertKind,
    AlertStatus,
    Attribute,
    AttributeChoice,
    AttributeKind,
    AttributeValue,
    Brand,
    BundlePricing,
    Category,
    CategoryAttribute,
    Collection,
    CollectionProduct,
    DigitalFile,
    ListHandle,
    Menu,
    MenuItem,
    MovementKind,
    Page,
    Price,
    PriceList,
    Product,
    ProductAlert,
    ProductImage,
    ProductOption,
    ProductStatus,
    ProductVariant,
    Review,
    ReviewStatus,
    StockLocation,
    Translation,
    UrlRedirect,
    Wishlist,
    WishlistItem,
)
from catalog.stock import Reason
from checkout import checkouts, gift_cards, promotion_changes
from checkout.checkouts import PaymentWish
from checkout.models import (
    Cart,
    CartAddress,
    CartLine,
    GiftCard,
    Order,
    Promotion,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
)
from schema.nodes import gid
from shop.money import Money

PASSWORD = "correct horse battery"
ADDRESS = Address("Ada", "Byron", "", "12 Analytical Way", "", "Mountain View", "CA", "94043", "US", "")
_number = count(1)


def a_customer(email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"customer-{next(_number)}@example.com", PASSWORD, **fields)


def a_clerk(*permissions: Permission) -> User:
    """A member of staff who may do this and nothing else."""
    clerk = a_customer(is_staff=True)
    clerk.user_permissions.set(StoredPermission.objects.filter(codename__in=permissions))
    return clerk


def an_access_token(user: User) -> str:
    token: str = get_token(user)
    return token


def a_category(title: str = "", *, parent: Category | None = None, **fields: Any) -> Category:
    number = next(_number)
    title = title or f"Category {number}"
    fields = {"handle": title.lower().replace(" ", "-"), "title": title, **fields}
    if parent is not None:
        parent.refresh_from_db()
        fields.setdefault("is_listed", parent.is_listed and fields.get("is_active", True))
        category = Category.objects.add_child(parent, fields)
    else:
        fields.setdefault("is_listed", fields.get("is_active", True))
        category = Category.objects.add_root(fields)
    ListHandle.objects.create(handle=category.handle, category=category)
    return category


@transaction.atomic
def a_product(
    title: str = "",
    *,
    category: Category | None = None,
    price: str | None = "10.00",
    compare_at: str | None = None,
    currency: str = "USD",
    stock_: int = 5,
    brand: str | None = None,
    variants: int = 1,
    images: int = 0,
    **fields: Any,
) -> Product:
    """An active product with `variants` variants at one price, each with `stock_` units."""
    number = next(_number)
    title = title or f"Product {number}"
    product = Product.objects.create(
        category=category or a_category(),
        brand=Brand.objects.get_or_create(name=brand, defaults={"handle": brand.lower()})[0] if brand else None,
        **{"handle": title.lower().replace(" ", "-"), "title": title, "status": ProductStatus.ACTIVE, **fields},
    )
    if variants > 1:
        ProductOption.objects.create(
            product=product, name="Size", position=0, values=[str(size) for size in range(1, variants + 1)]
        )
    for position in range(variants):
        size = str(position + 1)
        variant = ProductVariant.objects.create(
            product=product,
            sku=f"SKU-{number}-{size}" if variants > 1 else f"SKU-{number}",
            title=size if variants > 1 else "Default Title",
            position=position,
            option_values=[size] if variants > 1 else [],
        )
        if price is not None:
            a_price(variant, price, compare_at, currency=currency)
        stock.set_on_hand({variant.pk: stock_}, Reason(MovementKind.PURCHASE))
    for position in range(images):
        ProductImage.objects.create(
            product=product, src=f"https://img.example/{number}-{position}.svg", position=position
        )
    facts.refresh([product.pk])
    search.refresh([product.pk])
    return product


def a_price(
    variant: ProductVariant, amount: str, compare_at: str | None = None, *, currency: str = "USD", from_: int = 1
) -> Price:
    """What a variant costs by the base list of a currency. Offers and facts are not told."""
    return Price.objects.create(
        variant=variant,
        price_list_id=price_lists.base(currency),
        min_quantity=from_,
        amount=Decimal(amount),
        compare_at=Decimal(compare_at) if compare_at else None,
    )


def a_price_list(
    title: str = "", *, prices: Mapping[ProductVariant, str] | None = None, currency: str = "USD", **fields: Any
) -> PriceList:
    """A list in effect, for everybody where nothing else is said, with these prices of its own."""
    new: Any = {"title": title or f"List {next(_number)}", "currency": currency, **fields}
    price_list = price_lists.create(price_list=new)
    if prices:
        wanted = [{"variant_id": variant.pk, "price": Decimal(price)} for variant, price in prices.items()]
        catalog_prices.put(price_list_id=price_list.pk, prices=cast(Any, wanted))
    return price_list


def a_group(title: str, *members: User) -> CustomerGroup:
    group = groups.create(group={"title": title})
    group.members.add(*members)
    return group


def a_variant(sku: str = "", *, stock: int = 5, price: str = "10.00", **fields: Any) -> ProductVariant:
    """The one variant of a new active product."""
    variant = a_product(price=price, stock_=stock, **fields).variants.get()
    if sku:
        variant.sku = sku
        variant.save(update_fields=["sku"])
    return variant


def a_bundle(*parts: tuple[ProductVariant, int], pricing: str = "OWN", **fields: Any) -> ProductVariant:
    """A variant that is sold as these quantities of others; it needs a transaction of its own."""
    bundle = a_variant(stock=0, **fields)
    made = [bundles.NewPart(variant_id=part.pk, quantity=quantity) for part, quantity in parts]
    return bundles.set_parts(variant_id=bundle.pk, pricing=BundlePricing[pricing], parts=made)


def a_digital_file(variant: ProductVariant, content: bytes = b"The score", **fields: Any) -> DigitalFile:
    """A file of a variant, which is no longer sent in a parcel; it needs a transaction of its own."""
    file = SimpleUploadedFile(fields.pop("file_name", "score.pdf"), content)
    return digital.create(variant_id=variant.pk, file=file, fields=cast(digital.FileFields, fields))


def a_location(name: str = "", **fields: Any) -> StockLocation:
    name = name or f"Location {next(_number)}"
    return StockLocation.objects.create(**{"code": name.lower().replace(" ", "-"), "name": name, **fields})


@transaction.atomic
def stocked(variant: ProductVariant, location: StockLocation, units: int) -> None:
    """Have this many units of a variant come in at a location."""
    stock.adjust({variant.pk: units}, Reason(MovementKind.PURCHASE), location)


def an_attribute(
    name: str, kind: AttributeKind = AttributeKind.CHOICE, *choices: str, on: Category | None = None, **fields: Any
) -> Attribute:
    """An attribute, asked for by the category `on`; filterable wherever it can be."""
    handle = name.lower().replace(" ", "-")
    is_filterable = kind not in (AttributeKind.TEXT, AttributeKind.DATE)
    required = fields.pop("is_required", False)
    fields = {"handle": handle, "is_filterable": is_filterable, "position": next(_number), **fields}
    made = Attribute.objects.create(name=name, kind=kind, **fields)
    for position, label in enumerate(choices):
        AttributeChoice.objects.create(
            attribute=made, handle=label.lower().replace(" ", "-"), label=label, position=position
        )
    if on is not None:
        CategoryAttribute.objects.create(category=on, attribute=made, position=made.position, is_required=required)
    return made


def described(thing: Product | ProductVariant, attribute: Attribute, *values: Any) -> None:
    """Say what a product or a variant is: choices by their handles, anything else as it is stored."""
    column = AttributeKind(attribute.kind).column
    product = thing if isinstance(thing, Product) else thing.product
    variant = None if isinstance(thing, Product) else thing
    for value in values:
        stored = attribute.choices.get(handle=value) if column == "choice" else value
        AttributeValue.objects.create(product=product, variant=variant, attribute=attribute, **{column: stored})
    applying.refresh_products([product.pk])


def a_collection(title: str = "", *, products: list[Product] | None = None, **fields: Any) -> Collection:
    title = title or f"Collection {next(_number)}"
    fields = {"handle": title.lower().replace(" ", "-"), "title": title, **fields}
    collection = Collection.objects.create(**fields)
    ListHandle.objects.create(handle=collection.handle, collection=collection)
    for position, product in enumerate(products or []):
        CollectionProduct.objects.create(collection=collection, product=product, position=position)
    return collection


def a_picture(
    name: str = "photo.jpg",
    *,
    format: str = "JPEG",
    size: tuple[int, int] = (40, 30),
    color: str = "teal",
    **options: Any,
) -> SimpleUploadedFile:
    """The file of a picture in one colour; `options` are Pillow's."""
    content = BytesIO()
    Image.new("RGB", size, color).save(content, format, **options)
    return SimpleUploadedFile(name, content.getvalue())


@transaction.atomic
def a_review(product: Product, *, author: User | None = None, rating: int = 5, **fields: Any) -> Review:
    """An approved review, unless its status is said to be another."""
    fields = {"status": ReviewStatus.APPROVED, "author_name": "Ada B.", **fields}
    review = Review.objects.create(product=product, author=author, rating=rating, **fields)
    reviews.refresh([product.pk])
    return review


def a_wishlist(*variants: ProductVariant, owner: User | None = None, **fields: Any) -> Wishlist:
    wishlist = Wishlist.objects.create(**{"owner": owner or a_customer(), "name": "Gifts", **fields})
    WishlistItem.objects.bulk_create(WishlistItem(wishlist=wishlist, variant=variant) for variant in variants)
    return wishlist


def an_alert(variant: ProductVariant, *, customer: User | None = None, **fields: Any) -> ProductAlert:
    """That a customer waits for the variant to be back, unless `fields` tell of another kind."""
    fields = {"kind": AlertKind.BACK_IN_STOCK, "status": AlertStatus.ACTIVE, "currency": "USD", **fields}
    return ProductAlert.objects.create(
        variant=variant, product_id=variant.product_id, customer=customer or a_customer(), **fields
    )


def a_page(title: str = "", **fields: Any) -> Page:
    title = title or f"Page {next(_number)}"
    return Page.objects.create(**{"handle": title.lower().replace(" ", "-"), "title": title, **fields})


def a_redirect(path: str, target: str) -> UrlRedirect:
    return UrlRedirect.objects.create(path=path, target=target)


Link: TypeAlias = tuple[str, str, "list[Link]"]


def a_menu(handle: str, links: "list[Link]") -> Menu:
    """A menu of (title, path, links below)."""
    menu = Menu.objects.create(handle=handle, title=handle.replace("-", " ").capitalize())

    def add(links: "list[Link]", parent: MenuItem | None) -> None:
        for position, (title, path, below) in enumerate(links):
            add(below, MenuItem.objects.create(menu=menu, parent=parent, title=title, path=path, position=position))

    add(links, None)
    return menu


def a_shipping_method(
    title: str = "Standard",
    *,
    amount: str = "5.00",
    free_from: str | None = None,
    countries: tuple[str, ...] = (),
    currency: str = "USD",
) -> ShippingMethod:
    """A method with a flat rate, which goes to a zone of its own."""
    zone = ShippingZone.objects.create(title=title, countries=list(countries))
    method = ShippingMethod.objects.create(handle=title.lower(), title=title, zone=zone, position=next(_number))
    ShippingRate.objects.create(
        method=method, currency=currency, amount=Decimal(amount), free_from=Decimal(free_from) if free_from else None
    )
    return method


def a_promotion(title: str = "Sale", kind: str = "PERCENTAGE", **fields: Any) -> Promotion:
    """An active promotion; amounts may be text, and are in USD."""
    amounts = {name: Decimal(fields[name]) for name in ("percentage", "amount", "min_subtotal") if name in fields}
    new: Any = {"title": title, "kind": kind, "currency": "USD", **fields, **amounts}
    return promotion_changes.create(promotion=new)


def a_cart(*lines: tuple[ProductVariant, int], owner: User | None = None, **fields: Any) -> Cart:
    """An open cart with these quantities of variants."""
    email = owner.email if owner else "ada@example.com"
    cart = Cart.objects.create(**{"currency": "USD", "customer": owner, "email": email, **fields})
    CartLine.objects.bulk_create(CartLine(cart=cart, variant=variant, quantity=quantity) for variant, quantity in lines)
    return cart


def a_ready_cart(*lines: tuple[ProductVariant, int], owner: User | None = None, **fields: Any) -> Cart:
    """A cart that can be completed: it knows where it goes, and how."""
    method = ShippingMethod.objects.order_by("pk").first() or a_shipping_method()
    cart = a_cart(*lines, owner=owner, **{"delivery_method": method, **fields})
    CartAddress.objects.create(cart=cart, address=ADDRESS.as_json(), is_selected=True)
    return cart


def an_order(
    *lines: tuple[ProductVariant, int], owner: User | None = None, gateway: str = "test", token: str = "", **fields: Any
) -> Order:
    """What a cart with these lines became; paid, unless the token says otherwise."""
    return completed(a_ready_cart(*lines, owner=owner, **fields), gateway=gateway, token=token)


def completed(cart: Cart, *, gateway: str = "test", token: str = "") -> Order:
    """The order a ready cart becomes."""
    return checkouts.complete(cart.secret, PaymentWish(gateway, token), buyer=Actor(cart.customer_id)).order


def a_credit_limit(customer: User, amount: str, days: int = 30, *, currency: str = "USD") -> CreditLimit:
    said = {"currency": currency, "amount": Decimal(amount), "terms_in_days": days}
    return CreditLimit.objects.create(customer=customer, **said)


def a_gift_card(value: str = "50.00", *, currency: str = "USD", **fields: Any) -> tuple[GiftCard, str]:
    """A gift card and its code."""
    code = gift_cards.new_code()
    card = GiftCard(code_digest=gift_cards.digest(code), last_characters=code[-4:], **{"currency": currency, **fields})
    gift_cards.issue(card, Money.price(value, currency))
    return card, code


def a_loyalty_program(*, earns: str = "1", pays: str = "0.01", currency: str = "USD", **fields: Any) -> LoyaltyProgram:
    """Rules by which a unit of the currency earns so many points, and a point pays so much; they hold at once."""
    rate = {"currency": currency, "points_per_unit": Decimal(earns), "point_value": Decimal(pays)}
    program: Any = {"is_active": True, "pending_days": 0, "rates": [rate], **fields}
    return loyalty.update(program=program)


def given_points(customer: User, units: int) -> User:
    """The customer with so many points more."""
    return points.adjust(customer_id=customer.pk, points=units, reason="Welcome", actor=SYSTEM)


def id_of(thing: Any) -> str:
    """The global id the API knows a stored thing by."""
    match type(thing).__name__:
        case "Attribute":
            return gid("AttributeDefinition", thing.pk)
        case "Cart":
            return gid("Cart", thing.secret)
        case "Order" | "Payment" | "Fulfillment" | "GiftCard" | "Return":
            return gid(type(thing).__name__, thing.key)
        case "CartAddress":
            return gid("CartSelectableAddress", thing.pk)
        case "DigitalFile":
            return gid("ProductDownload", thing.pk)
        case "OrderLine":
            return gid("OrderLineItem", thing.pk)
        case "StockTransfer":
            return gid("InventoryTransfer", thing.pk)
        case "StockLocation":
            return gid("Location", thing.pk)
        case "User":
            return gid("Customer", thing.pk)
        case noun:
            return gid(noun, thing.pk)


def a_translation(thing: Any, language: str = "FR", *, handle: str | None = None, **texts: str) -> Translation:
    """What a thing is called in a language: its texts by key."""
    owner = {"menuitem": "menu_item", "productoption": "option"}.get(thing._meta.model_name, thing._meta.model_name)
    keys = [*texts, *(["handle"] if handle else [])]
    made = Translation.objects.create(
        **{owner: thing}, language=language, handle=handle, texts=texts, sources=dict.fromkeys(keys, "")
    )
    if owner == "product":
        search.refresh_translated(thing.pk)
    return made
