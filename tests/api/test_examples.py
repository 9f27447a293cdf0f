"""The example operations of the playground: every one of them works, taken in order as an explorer would."""

import json
import re
from pathlib import Path

import pytest

from accounts.actors import SYSTEM
from catalog import stock
from catalog.models import AttributeKind
from checkout import fulfilment, returns
from checkout.fulfilment import Tracking
from checkout.models import OrderLine
from schema import execution, graphiql
from schema.context import Context
from tests import builders

DOCUMENTS = {path.stem: path.read_text() for path in sorted(graphiql.EXAMPLES.glob("*.graphql"))}


def test_every_example_does_what_it_shows(execute, settings, alice, sam):
    settings.SHOP_LANGUAGES = ["EN", "FR"]
    kitchen = builders.a_category("Kitchen")
    skillet = builders.a_product("Anvil Skillet", category=kitchen, price="68.00", tags=["oak"], images=1, variants=2)
    builders.a_shipping_method("Standard", amount="4.90")
    variant = builders.id_of(skillet.variants.earliest("position"))
    ran = set()

    def run(stem, as_=None, **variables):
        ran.add(stem)
        return execute(DOCUMENTS[stem], as_=as_, **variables)

    def watch(stem, **variables):
        ran.add(stem)
        operation = execution.documents.operation(DOCUMENTS[stem])
        return execution.execute(operation, variables, Context(shop_currency="USD"))["data"]

    [browsed] = run("01-browse")["categories"]["nodes"]
    assert browsed["facts"]["priceAverage"] == {"amount": "68.00"}
    page = run("02-category-page", handle="kitchen")["category"]
    assert page["products"]["totalCount"] == 1
    assert [node["handle"] for node in run("03-search", words="ski oa")["search"]["nodes"]] == ["anvil-skillet"]
    assert run("04-product", handle="anvil-skillet")["product"]["options"] == [
        {"name": "Size", "optionValues": [{"name": "1"}, {"name": "2"}]}
    ]

    created = run("05-cart-create", variant=variant)["cartCreate"]
    assert (created["userErrors"], created["warnings"]) == ([], [])
    assert created["cart"]["cost"]["subtotalAmount"] == {"amount": "136.00", "currencyCode": "USD"}
    cart = created["cart"]["id"]
    delivered = run("06-cart-deliver", cart=cart)["cartDeliveryAddressesAdd"]
    assert delivered["userErrors"] == []
    [group] = delivered["cart"]["deliveryGroups"]["nodes"]
    other = builders.id_of(builders.a_cart((skillet.variants.latest("position"), 1)))
    merged = run("05-cart-merge", cart=other, into=builders.id_of(builders.a_cart()))["cartMerge"]
    assert (merged["userErrors"], merged["report"]["lines"][0]["outcome"]) == ([], "ADDED")
    undecided = builders.a_cart((skillet.variants.latest("position"), 1))
    aside = run("05-cart-save-for-later", cart=builders.id_of(undecided), line=builders.id_of(undecided.lines.get()))
    assert [node["quantity"] for node in aside["cartLinesSaveForLater"]["cart"]["savedLines"]["nodes"]] == [1]
    assert aside["cartLinesMoveToCart"]["cart"]["totalQuantity"] == 1
    begun = run("17-staff-points", as_=sam, customer=builders.id_of(alice))
    assert (begun["loyaltyProgramUpdate"]["userErrors"], begun["customerPointsAdjust"]["userErrors"]) == ([], [])
    hers = builders.a_cart((skillet.variants.latest("position"), 1), owner=alice)
    pays = run("07-points", as_=alice, cart=builders.id_of(hers), points=100)["cartPointsApply"]
    assert (pays["userErrors"], pays["cart"]["cost"]["amountDue"]["amount"]) == ([], "67.00")
    owed = run("17-staff-store-credit", as_=sam, customer=builders.id_of(alice))["storeCreditAdjust"]
    assert (owed["userErrors"], owed["storeCredit"]["balance"]["amount"]) == ([], "15.00")
    spends = run("07-store-credit", as_=alice, cart=builders.id_of(hers))["cartStoreCreditApply"]
    assert (spends["userErrors"], spends["cart"]["cost"]["amountDue"]["amount"]) == ([], "52.00")
    assert run("10-my-points", as_=alice)["me"]["loyalty"]["worth"] == {"amount": "5.00", "currencyCode": "USD"}
    made = run("17-staff-gift-card", as_=sam)["giftCardCreate"]
    given = run("07-gift-card", cart=cart, code=made["giftCardCode"])["cartGiftCardCodesAdd"]
    assert (given["userErrors"], given["cart"]["cost"]["amountDue"]["amount"]) == ([], "111.00")
    bought = run("07-checkout", cart=cart, group=group["id"], option="standard", key="one key for one order")
    assert bought["cartSelectedDeliveryOptionsUpdate"]["userErrors"] == []
    checkout = bought["checkoutComplete"]
    assert (checkout["userErrors"], checkout["order"]["totalPrice"]["amount"]) == ([], "140.90")
    status = run("08-order-status", token=checkout["orderStatusToken"])["orderStatus"]
    assert (status["name"], status["fulfillmentStatus"]) == (checkout["order"]["name"], "UNFULFILLED")

    watched = watch("08-order-watch", token=checkout["orderStatusToken"])["orderStatusChanged"]
    assert (watched["name"], watched["status"]) == (checkout["order"]["name"], "CONFIRMED")

    signed_in = run("09-sign-in", email=alice.email, password=builders.PASSWORD)["tokenCreate"]
    assert (signed_in["userErrors"], signed_in["customer"]) == ([], {"displayName": "Alice Owner"})
    mine = run("10-my-orders", as_=alice)
    assert (mine["me"]["email"], mine["orders"]["totalCount"]) == (alice.email, 0)
    made = run("11-staff-publish", as_=sam, category=builders.id_of(kitchen))["productCreate"]
    assert (made["userErrors"], made["product"]["status"]) == ([], "ACTIVE")
    larger = json.loads((graphiql.EXAMPLES / "11-staff-variants.variables.json").read_text())["variants"]
    more = run("11-staff-variants", as_=sam, product=builders.id_of(skillet), variants=larger)["productVariantsAdd"]
    assert (more["userErrors"], more["product"]["options"][0]["values"][-1]) == ([], "Extra large")
    line = builders.id_of(OrderLine.objects.get())
    other = run("12-staff-edit-order", as_=sam, order=checkout["order"]["id"], line=line, variant=variant)["orderEdit"]
    assert (other["userErrors"], other["outcome"]["totalChange"]["amount"]) == ([], "0.00")
    assert other["order"] == {"edited": False, "currentTotalPrice": {"amount": "140.90", "currencyCode": "USD"}}
    less = run("12-staff-cancel-lines", as_=sam, order=checkout["order"]["id"], line=line)["orderLinesCancel"]
    assert (less["userErrors"], less["order"]["currentTotalPrice"]["amount"]) == ([], "72.90")
    sent = run("12-staff-fulfil", as_=sam, order=checkout["order"]["id"])["fulfillmentCreate"]
    assert (sent["userErrors"], sent["order"]["fulfillmentStatus"]) == ([], "FULFILLED")
    again = run("08-order-again", token=checkout["orderStatusToken"])["orderReorder"]
    assert (again["userErrors"], again["cart"]["totalQuantity"]) == ([], 2)
    noted = run("12-staff-order-note", as_=sam, order=checkout["order"]["id"])["orderNoteAdd"]
    assert (noted["userErrors"], noted["order"]["events"]["nodes"][-1]["kind"]) == ([], "NOTE")
    back = run("08-order-return", token=checkout["orderStatusToken"], line=line)["returnRequest"]
    assert (back["userErrors"], back["return"]["status"]) == ([], "REQUESTED")
    taken = run("12-staff-return", as_=sam, **{"return": back["return"]["id"]})["returnReceive"]
    assert (taken["userErrors"], taken["order"]["currentTotalPrice"]["amount"]) == ([], "4.90")
    whisk, shop = builders.a_variant(), builders.a_location("Shop")
    builders.stocked(whisk, shop, 1)
    there = f"gid://shop/FulfillmentOrder/{builders.an_order((whisk, 1)).key}-{stock.default_location().pk}"
    moved = run("12-staff-send-from", as_=sam, fulfillmentOrder=there, location=builders.id_of(shop))
    assert moved["fulfillmentOrderMove"]["userErrors"] == []
    wanted = json.loads((graphiql.EXAMPLES / "12-staff-draft-order.variables.json").read_text())["draftOrder"]
    wanted["lineItems"][0]["variantId"] = builders.id_of(builders.a_variant())
    prepared = run("12-staff-draft-order", as_=sam, draftOrder=wanted)["draftOrderCreate"]
    assert (prepared["userErrors"], prepared["draftOrder"]["totalPrice"]["amount"]) == ([], "67.05")
    agreed = run("12-staff-draft-order-complete", as_=sam, draft=prepared["draftOrder"]["id"])["draftOrderComplete"]
    assert (agreed["userErrors"], agreed["order"]["financialStatus"]) == ([], "PENDING")
    paid = run("08-order-pay", token=agreed["order"]["statusUrl"].rpartition("/")[2])["orderPay"]
    assert (paid["userErrors"], paid["order"]["financialStatus"]) == ([], "PAID")
    swapped = builders.an_order((builders.a_variant(price="30.00"), 1))
    fulfilment.create(order_key=swapped.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    blue = returns.request(order_key=swapped.key, lines=[(swapped.lines.get().pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=blue.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    instead = {"return": builders.id_of(blue), "variant": builders.id_of(builders.a_variant(price="45.00"))}
    exchanged = run("12-staff-exchange", as_=sam, **instead)["returnExchange"]
    assert (exchanged["userErrors"], exchanged["exchangeOrder"]["amountDue"]["amount"]) == ([], "15.00")
    shown = run("13-staff-pictures", as_=sam, product=made["product"]["id"])["productMediaCreate"]
    assert (shown["userErrors"], shown["media"][0]["image"]["altText"]) == ([], "The dial at low tide")
    counted = run("14-staff-count", as_=sam, variant=variant, quantity=7, compareQuantity=5)["inventorySet"]
    assert (counted["userErrors"], counted["variants"][0]["inventoryQuantity"]) == ([], 7)
    bought = run("14-staff-low-stock", as_=sam, variant=variant, threshold=20)
    assert bought["inventoryAdjustQuantities"]["variants"][0]["unitCost"]["amount"] == "31.50"
    assert bought["inventoryThresholdsSet"]["variants"][0]["lowStockThreshold"] == 20
    worth = run("15-staff-stock-value", as_=sam)
    assert (worth["stockValue"]["value"]["amount"], worth["lowStock"]["totalCount"]) == ("378.00", 1)
    ledger = run("15-staff-ledger", as_=sam, time="2100-01-01T00:00:00Z")
    assert ledger["inventoryMovements"]["nodes"][1]["note"] == "Counted by hand"
    assert ledger["stockAsOf"]["nodes"][0]["onHand"] == 12
    main = builders.id_of(stock.default_location())
    begun = run("14-staff-stock-count", as_=sam, location=main, variant=variant)["stockCountStart"]["stockCount"]
    recorded = run("14-staff-stock-count-record", as_=sam, count=begun["id"], variant=variant, quantity=11)
    completed = recorded["stockCountComplete"]["stockCount"]
    assert completed["summary"] == {"difference": -1, "differenceValue": {"amount": "-31.50", "currencyCode": "USD"}}
    berlin = builders.id_of(builders.a_location("Berlin"))
    moved = run("14-staff-transfer", as_=sam, origin=main, destination=berlin, variant=variant)
    assert moved["inventoryTransferCreate"]["transfer"]["status"] == "DRAFT"
    led = run("18-staff-redirect", as_=sam)["urlRedirectCreate"]
    assert (led["userErrors"], led["urlRedirect"]["target"]) == ([], "/collections/kitchen")
    kept = run("10-wishlist", as_=alice, wishlist=builders.id_of(builders.a_wishlist(owner=alice)), variant=variant)
    assert kept["wishlistItemsAdd"]["wishlist"]["items"]["totalCount"] == 1
    waiting = run("10-alert", variant=variant)["priceDropAlertCreate"]
    assert (waiting["userErrors"], waiting["needsConfirmation"]) == ([], True)
    reviewed = run("16-review", as_=alice, product=builders.id_of(skillet))["reviewCreate"]
    assert (reviewed["userErrors"], reviewed["review"]["status"]) == ([], "PENDING")
    assert [node["title"] for node in run("17-staff-moderate", as_=sam)["reviews"]["nodes"]] == ["A joy"]
    assert run("19-staff-synonyms", as_=sam)["searchSynonymCreate"]["userErrors"] == []
    found = run("18-staff-collection", as_=sam, title="Oak below a hundred")["collectionCreate"]
    assert (found["userErrors"], found["collection"]["products"]["totalCount"]) == ([], 1)
    material = builders.an_attribute("Material", AttributeKind.CHOICE, "Oak")
    ids = {"category": kitchen, "product": skillet, "attribute": material}
    described = run("19-staff-attributes", as_=sam, **{name: builders.id_of(thing) for name, thing in ids.items()})
    assert described["attributeCreate"]["userErrors"] == []
    assert described["productAttributesSet"]["product"]["attributes"] == [
        {"definition": {"name": "Material"}, "value": "Oak"}
    ]
    translated = run("19-staff-translate", as_=sam, product=builders.id_of(skillet))["translationsRegister"]
    assert (translated["userErrors"], translated["translations"][0]["value"]) == ([], "Poêle en fonte")
    french = run("20-in-french", handle="poele-en-fonte")["product"]
    assert (french["title"], french["vendor"]) == ("Poêle en fonte", "")
    upserted = run("30-staff-upsert", as_=sam, category=builders.id_of(kitchen), dryRun=True)["productBulkUpsert"]
    assert (upserted["userErrors"], upserted["created"], upserted["updated"]) == ([], 1, 1)
    assert run("31-staff-export", as_=sam)["bulkExportCreate"]["userErrors"] == []
    assert run("32-staff-jobs", as_=sam)["bulkJobs"]["nodes"][0]["status"] == "QUEUED"
    words = run("21-brands")
    assert [node["name"] for node in words["brands"]["nodes"]] == ["Harbour Works"]
    assert words["productTags"]["nodes"] == ["new", "oak"]
    renamed = run("22-staff-rename-tag", as_=sam, tag="oak", name="oak wood")["productTagRename"]
    assert (renamed["userErrors"], renamed["productCount"]) == ([], 1)
    bundle = builders.id_of(builders.a_variant(stock=0))
    together = run("19-staff-bundle", as_=sam, bundle=bundle, part=variant)["productBundleSet"]
    assert (together["userErrors"], together["productVariant"]["price"]["amount"]) == ([], "136.00")
    assert run("19-staff-downloads", as_=sam)["orders"]["nodes"][0]["downloads"] == []
    [everywhere] = run("21-staff-shipping-zones", as_=sam)["shippingZones"]["nodes"]
    delivers = run("21-staff-shipping", as_=sam, zone=everywhere["id"])["shippingMethodCreate"]
    assert (delivers["userErrors"], delivers["shippingMethod"]["handle"]) == ([], "parcel-post")
    priced = run("21-staff-price-list", as_=sam, variant=variant)
    assert [priced[name]["userErrors"] for name in ("priceListCreate", "priceChangeSchedule")] == [[], []]
    in_germany = run("02-country-prices", handle="kitchen", country="DE")
    assert in_germany["category"]["facts"]["priceMin"] == {"amount": "64.00", "currencyCode": "USD"}
    granted = run("24-staff-credit-limit", as_=sam, customer=builders.id_of(alice))["customerCreditLimitUpdate"]
    assert (granted["userErrors"], granted["creditLimit"]["available"]["amount"]) == ([], "2500.00")
    assert run("24-staff-overdue", as_=sam)["overdueOrders"]["totalCount"] == 0
    assert run("33-staff-taxes", as_=sam)["taxRateCreate"]["taxRate"]["rate"] == "0.19"
    welcome = run("23-staff-promotion", as_=sam, title="Welcome")["promotionCreate"]
    assert (welcome["userErrors"], welcome["promotion"]["usedCount"]) == ([], 0)
    batch = run("23-staff-promotion-codes", as_=sam, promotion=welcome["promotion"]["id"])["promotionCodesGenerate"]
    assert (batch["userErrors"], len(batch["codes"])) == ([], 3)
    fresh = run("05-cart-create", variant=variant)["cartCreate"]["cart"]["id"]
    reduced = run("05-cart-discount", cart=fresh, code=batch["codes"][0].lower())["cartDiscountCodesUpdate"]
    assert reduced["cart"]["discountCodes"] == [{"code": batch["codes"][0], "applicable": True}]
    explained = run("05-cart-explanation", cart=fresh)["cart"]["explanation"]
    assert [step["kind"] for step in explained["lines"][0]["steps"]] == ["PRICE", "CODE"]
    assert run("05-cart-warnings", cart=fresh)["cart"]["warnings"] == []
    settings.CARRIERS = {"http": "checkout.carriers.http.HttpCarrier"}
    carried = run("21-staff-carrier", as_=sam, zone=everywhere["id"])["shippingMethodCreate"]
    assert (carried["userErrors"], carried["shippingMethod"]["carrier"]) == ([], "http")
    assert ran == set(DOCUMENTS)


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_every_example_has_a_name_a_comment_and_its_variables(stem):
    document = DOCUMENTS[stem]
    variables = Path(graphiql.EXAMPLES, f"{stem}.variables.json")

    assert document.startswith("# ")
    assert variables.exists() == bool(re.search(r"\$\w+: \w+!", document))
