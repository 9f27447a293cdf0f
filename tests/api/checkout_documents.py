"""Documents that take a cart to an order, shared by the tests of checkouts and orders."""

CART_CREATE = """
mutation ($input: CartInput) {
  cartCreate(input: $input) {
    cart { id totalQuantity cost { subtotalAmount { amount currencyCode } totalAmount { amount } } }
    userErrors { code field message }
    warnings { code target }
  }
}
"""
ADDRESSES_ADD = """
mutation ($cartId: ID!, $addresses: [CartSelectableAddressInput!]!) {
  cartDeliveryAddressesAdd(cartId: $cartId, addresses: $addresses) {
    cart {
      delivery { addresses { selected address { formatted } } }
      deliveryGroups(first: 1) {
        nodes { id deliveryOptions { handle title estimatedCost { amount } } selectedDeliveryOption { handle } }
      }
    }
    userErrors { code field message }
  }
}
"""
DELIVERY_SELECT = """
mutation ($cartId: ID!, $options: [CartSelectedDeliveryOptionInput!]!) {
  cartSelectedDeliveryOptionsUpdate(cartId: $cartId, selectedDeliveryOptions: $options) {
    cart {
      cost { totalAmount { amount } totalShippingAmount { amount } }
      deliveryGroups(first: 1) { nodes { selectedDeliveryOption { handle } } }
    }
    userErrors { code field message }
  }
}
"""
CHECKOUT_COMPLETE = """
mutation ($cartId: ID!, $payment: CheckoutPaymentInput!) {
  checkoutComplete(cartId: $cartId, payment: $payment) {
    order { id name status financialStatus fulfillmentStatus totalPrice { amount } }
    orderStatusToken
    payment { status amount { amount } nextAction { type } }
    cart { id totalQuantity }
    userErrors { code field message }
  }
}
"""
ORDER_STATUS = """
query ($token: String!) {
  orderStatus(token: $token) {
    name status financialStatus fulfillmentStatus email
    subtotalPrice { amount } totalShippingPrice { amount } totalTax { amount } totalPrice { amount currencyCode }
    shippingAddress { formatted }
    lineItems(first: 10) { nodes { title sku quantity originalUnitPrice { amount } originalTotalPrice { amount } } }
  }
}
"""
ADDRESS = {
    "firstName": "Ada",
    "lastName": "Byron",
    "address1": "12 Analytical Way",
    "city": "Mountain View",
    "provinceCode": "CA",
    "zip": "94043",
    "countryCode": "US",
}
