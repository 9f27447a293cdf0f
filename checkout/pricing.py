"""What a cart costs. `totals` is the only place a total is computed; orders store what it said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from catalog import components, stock, tariffs
from catalog.components import Part
from catalog.models import Price, PriceList, ProductImage, ProductStatus, ProductVariant
from catalog.models.price import Tariff, base_of, with_price
from checkout import promotion_facts, promotions, shipping, tax_answers, taxes
from checkout.bills import DeliveryOption, Discount, LineRow, PricedLine, Rate, TaxRules, Totals
from checkout.models import Cart, CartAddress, CartLine, DraftLine, DraftOrder, TaxRate
from shop import money, prepared
from shop.money import Money


def totals(cart: Cart) -> Totals:
    """Price the cart from the catalog as it is now, by the list meant for its buyer; everything is in its currency.

    Lines of the same variant count together where it costs less from a quantity on.
    """
    choose_prices(cart)
    found = list(_rows(cart.pk, tariff(cart), cart.country or settings.SHOP_COUNTRY))
    rules = replace(_tax_rules(found), country=cart.country or settings.SHOP_COUNTRY)
    bill = _promoted(cart, _goods_of(cart, found, rules, {}))
    if not bill.requires_shipping:
        return tax_answers.applied(bill)
    options, refusals, wanted = shipping.offered(cart.currency, shipping.destination(cart, bill), bill)
    options = [replace(option, price=taxes.untaxed(option.price, rules.of_shipping, rules)) for option in options]
    options = promotions.on_delivery(bill, options)
    chosen = next((option for option in options if option.method_id == cart.delivery_method_id), None)
    return delivered(replace(bill, delivery_options=options, delivery_refusals=refusals, quotes_wanted=wanted), chosen)


def goods(cart: Cart, *, beside: Mapping[int, int], is_exempt: bool) -> Totals:
    """What the cart's lines cost by themselves, with their taxes: no promotion takes anything off, nothing is sent.

    The cart has its price list already, and goes to its address, or where it has none, is collected in its country.
    `beside` are units of variants that count for prices for many as if they were in the cart; whether the buyer is
    exempt from taxes is told here.
    """
    found = list(_rows(cart.pk, tariff(cart), cart.country or settings.SHOP_COUNTRY))
    rules = replace(_tax_rules(found), is_exempt=is_exempt, country=cart.country or settings.SHOP_COUNTRY)
    return tax_answers.destined(_goods_of(cart, found, rules, beside))


def tariff(cart: Cart) -> Tariff:
    """By which prices the cart is sold."""
    if cart.price_list_id is None:
        return Tariff(base_of(cart.currency))
    return Tariff(cart.price_list_id, has_base=True)


def choose_prices(cart: Cart) -> None:
    """Give the cart the list that is meant for its buyer now, and the list's currency; nothing is stored."""
    choice = tariffs.chosen(cart.country or settings.SHOP_COUNTRY, cart.customer_id)
    if choice.price_list_id is not None or cart.price_list_id is not None:
        cart.currency, cart.price_list_id = choice


def of_draft(draft: DraftOrder, lines: Sequence[DraftLine]) -> Totals:
    """Price these lines of a draft from the catalog as it is now, by the list meant for its buyer, if in its currency.

    Staff may have given lines other prices, the delivery its own, and taken something off: no promotion does.
    """
    choice = tariffs.chosen(draft.country or settings.SHOP_COUNTRY, draft.customer_id)
    chosen = Tariff(base_of(draft.currency))
    if choice.price_list_id is not None and choice.currency == draft.currency:
        chosen = Tariff(choice.price_list_id, has_base=True)
    rules = _tax_rules_of(draft)
    rows = _draft_rows(draft, lines, chosen)
    parts = _parts(rows)
    bill = Totals(draft.currency, [_priced(row, draft.currency, parts, rules) for row in rows], tax_rules=rules)
    bill = _reduced(draft, bill)
    if not bill.requires_shipping:
        return tax_answers.applied(bill)
    options, refusals, wanted = shipping.offered(draft.currency, shipping.place_of(draft.delivery_address), bill)
    options = [replace(option, price=taxes.untaxed(option.price, rules.of_shipping, rules)) for option in options]
    option = next((option for option in options if option.method_id == draft.delivery_method_id), None)
    if draft.shipping_price is not None:
        price = taxes.untaxed(Money.rounded(draft.shipping_price, draft.currency), rules.of_shipping, rules)
        option = DeliveryOption(0, "", draft.shipping_title, "", price)
    return delivered(replace(bill, delivery_options=options, delivery_refusals=refusals, quotes_wanted=wanted), option)


def delivered(bill: Totals, option: DeliveryOption | None) -> Totals:
    """The bill with this one of its delivery options, or none, chosen, and the taxes that follow."""
    return tax_answers.applied(replace(bill, delivery=option))


def _goods_of(cart: Cart, found: Sequence[prepared.Row], rules: TaxRules, beside: Mapping[int, int]) -> Totals:
    """The lines at their prices, before promotions, delivery and taxes."""
    rows = [LineRow(*row) for *row, _, _ in found]
    parts = _parts(rows)
    units = dict(beside)
    for row in rows:
        units[row.variant_id] = units.get(row.variant_id, 0) + row.quantity
    lines = [_priced(_for_many(row, units[row.variant_id]), cart.currency, parts, rules) for row in rows]
    return Totals(cart.currency, lines, tax_rules=rules)


def _draft_rows(draft: DraftOrder, lines: Sequence[DraftLine], chosen: Tariff) -> list[LineRow]:
    ids = sorted({line.variant_id for line in lines if line.variant_id is not None})
    goods = {pk: columns for pk, *columns in _goods(ids, 0, chosen)} if ids else {}
    for_many: dict[int, list[list[Any]]] = {}
    many = Price.objects.counting(chosen).filter(variant__in=ids, min_quantity__gt=1).order_by("min_quantity")
    for variant_id, *said in many.values_list("variant_id", "min_quantity", "amount", "compare_at") if ids else []:
        for_many.setdefault(variant_id, []).append(said)
    units: dict[int, int] = {}
    for line in lines:
        if line.variant_id is not None:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    rows = []
    for line in lines:
        if line.variant_id is None:
            rows.append(_custom(draft, line))
        elif line.variant_id in goods:
            columns = goods[line.variant_id]
            own = [line.position, line.variant_id, line.quantity, line.attributes]
            breaks = for_many.get(line.variant_id, [])
            row = LineRow._make([*own, *columns[:-4], breaks, *columns[-4:], None, "", 1])
            row = _for_many(row._replace(cart_address=draft.delivery_address), units[line.variant_id])
            if line.price is not None:
                row = row._replace(amount=line.price, compare_at=None, price_list="", from_quantity=1)
            rows.append(row)
    return rows


def _custom(draft: DraftOrder, line: DraftLine) -> LineRow:
    """A line that only its title and its price tell of."""
    return LineRow(
        pk=line.position,
        variant_id=0,
        quantity=line.quantity,
        attributes=line.attributes,
        product_id=0,
        product_title=line.title,
        variant_title="",
        sku="",
        requires_shipping=line.requires_shipping,
        bundle_pricing="",
        weight_grams=0,
        status=ProductStatus.ACTIVE,
        is_listed=True,
        max_quantity=None,
        amount=line.price,
        compare_at=None,
        free=0,
        own_image=None,
        product_image=None,
        cart_address=draft.delivery_address,
        breaks=[],
        tax_class_id=line.tax_class_id,
        shipping_class_id=None,
        is_gift_card=False,
    )


def _reduced(draft: DraftOrder, bill: Totals) -> Totals:
    """The bill with what staff take off, shared out over all goods but gift cards."""
    goods = [line.total for line in bill.lines if not line.row.is_gift_card]
    worth = money.total(goods, bill.currency)
    if draft.discount_percentage is not None:
        off = worth * (draft.discount_percentage / 100)
    elif draft.discount_amount is not None:
        off = min(Money.rounded(draft.discount_amount, bill.currency), worth)
    else:
        return bill
    if not off:
        return bill
    shares = iter(off.allocate([price.amount for price in goods]))
    lines = []
    for line in bill.lines:
        share = None if line.row.is_gift_card else next(shares)
        lines.append(replace(line, discounts=(Discount(draft.discount_reason, share),)) if share else line)
    return replace(bill, lines=lines)


def _tax_rules_of(draft: DraftOrder) -> TaxRules:
    """How a draft is taxed: by the rates of where it goes, or of the shop's own country until that is known."""
    region = (draft.delivery_address or {}).get("province_code", "")
    found = TaxRate.objects.filter(country=draft.country or settings.SHOP_COUNTRY).filter(
        Q(region="") | Q(region=region)
    )
    rates = [Rate(rate.title, rate.rate, rate.tax_class_id, rate.applies_to_shipping) for rate in found.order_by("pk")]
    is_exempt = draft.customer is not None and draft.customer.is_tax_exempt
    country = draft.country or settings.SHOP_COUNTRY
    return TaxRules(rates, settings.PRICES_INCLUDE_TAX, settings.TAX_ROUNDING == "line", is_exempt, country)


def _promoted(cart: Cart, bill: Totals) -> Totals:
    """The bill with what promotions take off its lines; where there are none to consider, nothing is asked for."""
    candidates = promotion_facts.candidates(cart)
    if not candidates:
        return bill
    chosen = tariff(cart)

    def gifts(variant_ids: list[int]) -> list[PricedLine]:
        rows = [
            LineRow._make([variant_id, variant_id, 1, [], *columns[:-4], [], *columns[-4:], None, "", 1])
            for variant_id, *columns in _goods(variant_ids, cart.pk, chosen)
        ]
        return [_priced(row, cart.currency, {}, bill.tax_rules) for row in rows]

    return promotions.apply(bill, candidates, promotion_facts.facts(cart, bill.lines, candidates, chosen, gifts))


def _parts(rows: Iterable[LineRow]) -> dict[int, list[Part]]:
    """What bundles among these lines are made of; without any, nothing is asked for."""
    bundles = {row.variant_id for row in rows if row.bundle_pricing}
    return components.parts(bundles) if bundles else {}


def amounts_of(variant: str, tariff: Tariff) -> ArraySubquery:
    """What a variant costs by this tariff, each as the quantity it counts from and the amount, the lowest first."""
    prices = Price.objects.counting(tariff).filter(variant=OuterRef(variant)).order_by("min_quantity")
    columns = [Cast(column, TextField()) for column in ("min_quantity", "amount")]
    texts = Func(*columns, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
    return ArraySubquery(prices.values(texts=texts))


def amount_for(amounts: Iterable[Sequence[str]], units: int) -> Decimal | None:
    """Which of `amounts_of` a variant counts for so many."""
    return next((Decimal(amount) for count, amount in reversed(list(amounts)) if int(count) <= units), None)


def _for_many(row: LineRow, units: int) -> LineRow:
    """The line with the price for so many, where there is another than that of one."""
    for from_quantity, amount, was in reversed(row.breaks):
        if int(from_quantity) <= units:
            compare_at = None if was is None else Decimal(was)
            return row._replace(amount=Decimal(amount), compare_at=compare_at, from_quantity=int(from_quantity))
    return row


def _tax_rules(found: Sequence[prepared.Row]) -> TaxRules:
    """How the cart is taxed, as each of its rows says."""
    included, by_line = settings.PRICES_INCLUDE_TAX, settings.TAX_ROUNDING == "line"
    if not found:
        return TaxRules(taxes_included=included, by_line=by_line)
    is_exempt, texts = found[0][-2:]
    rates = [
        Rate(title, Decimal(rate), tax_class and int(tax_class), on_shipping == "true")
        for title, rate, tax_class, on_shipping in texts
    ]
    return TaxRules(rates, included, by_line, bool(is_exempt))


def _priced(row: LineRow, currency: str, parts: Mapping[int, Sequence[Part]], rules: TaxRules) -> PricedLine:
    unit = Money.rounded(row.amount or Decimal(0), currency)
    unit = taxes.untaxed(unit, rules.of_line(row), rules)
    line = PricedLine(row, unit, unit * row.quantity, parts=parts.get(row.variant_id, ()))
    if not line.is_sold:
        return replace(line, subtotal=Money.zero(currency))
    if row.compare_at is not None and row.compare_at > unit.amount:
        return replace(line, compare_at=Money.rounded(row.compare_at, currency))
    return line


# What `LineRow` says of a line's variant, between the line's own columns and the prices for many.
_OF_VARIANT = (
    *("product_id", "product__title", "title", "sku", "requires_shipping", "bundle_pricing", "weight_grams"),
    *("product__status", "product__category__is_listed", "product__category__effective_max_quantity"),
)


@prepared.statement
def _rows(cart_id: int, tariff: Tariff, country: str) -> QuerySet[Any, Any]:
    # One row at the most, repeated on each line: it saves a statement of its own. So do the rates that hold there.
    address = CartAddress.objects.filter(cart_id=OuterRef("cart_id"), is_selected=True).values("address")
    return (
        with_price(CartLine.objects.filter(cart_id=cart_id, is_saved=False), tariff, "variant__prices")
        .order_by("pk")
        .values_list(
            *("pk", "variant_id", "quantity", "attributes"),
            *(f"variant__{column}" for column in _OF_VARIANT),
            *("amount", "was"),
            stock.units_of("variant_id", "variant__bundle_pricing"),
            "variant__image__src",
            Subquery(_first_image(OuterRef("variant__product_id"))),
            Subquery(address),
            ArraySubquery(_breaks_of(OuterRef("variant_id"), tariff)),
            "variant__product__category__effective_tax_class",
            "variant__product__category__effective_shipping_class",
            "variant__is_gift_card",
            _list_of(tariff),
            *("seen_price", "seen_currency"),
            "cart__customer__is_tax_exempt",
            ArraySubquery(_tax_rates(cart_id, country)),
        )
    )


@prepared.statement
def _goods(variant_ids: list[int], cart_id: int, tariff: Tariff) -> QuerySet[Any, Any]:
    """As `_rows`, one unit of each variant, without prices for many and taxes, which are those of the cart."""
    address = CartAddress.objects.filter(cart_id=cart_id, is_selected=True).values("address")
    return (
        with_price(ProductVariant.objects.filter(pk__any=variant_ids), tariff)
        .order_by("pk")
        .values_list(
            *("pk", *_OF_VARIANT, "amount", "was"),
            stock.units_of("pk", "bundle_pricing"),
            "image__src",
            Subquery(_first_image(OuterRef("product_id"))),
            Subquery(address),
            "product__category__effective_tax_class",
            "product__category__effective_shipping_class",
            "is_gift_card",
            _list_of(tariff),
        )
    )


def _list_of(tariff: Tariff) -> Any:
    """The title of the list that `with_price` found the price in, "" for a base."""
    if not tariff.has_base:
        return Value("", TextField())
    title = Subquery(PriceList.objects.filter(pk=tariff.price_list_id).values("title"))
    return Case(When(price__amount__isnull=False, then=title), default=Value(""), output_field=TextField())


def _first_image(product: OuterRef) -> QuerySet[Any, Any]:
    return ProductImage.objects.filter(product_id=product, position=0).values("src")[:1]


def _tax_rates(cart_id: int, country: str) -> QuerySet[Any, Any]:
    """The rates where the cart goes to, each as title, rate, class and whether it applies to shipping, all as text."""
    address = CartAddress.objects.filter(cart_id=cart_id, is_selected=True)
    place = Coalesce(Subquery(address.values(code=KeyTextTransform("country_code", "address"))), Value(country))
    region = Subquery(address.values(code=KeyTextTransform("province_code", "address")))
    rates = TaxRate.objects.filter(country=place).filter(Q(region="") | Q(region=region)).order_by("pk")
    columns = [Cast(column, TextField()) for column in ("title", "rate", "tax_class_id", "applies_to_shipping")]
    texts = Func(*columns, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
    return rates.values(texts=texts)


def _breaks_of(variant: OuterRef, tariff: Tariff) -> QuerySet[Any, Any]:
    """Each as quantity, amount and what it is reduced from, all as text, the lowest quantity first."""
    chosen = Price.objects.counting(tariff).filter(variant=variant, min_quantity__gt=1).order_by("min_quantity")
    columns = [Cast(column, TextField()) for column in ("min_quantity", "amount", "compare_at")]
    texts = Func(*columns, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
    return chosen.values(texts=texts)
