"""Buying on invoice: the goods go first, and the customer pays within the terms of their credit."""

from checkout import credit
from checkout.gateways.manual import ManualGateway


class InvoiceGateway(ManualGateway):
    """Promises every payment as that one does: whether the customer has credit was decided with the order."""

    handle = credit.HANDLE
    title = "Invoice"
