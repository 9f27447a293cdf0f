"""Following parcels: the pages of known carriers, filled with a parcel's number."""

from urllib.parse import quote

# By the carrier's name in lower case, without what people write or leave out.
_PAGES = {
    "australiapost": "https://auspost.com.au/mypost/track/#/details/{number}",
    "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "gls": "https://gls-group.com/track/{number}",
    "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
}


def page(company: str, number: str) -> str:
    """Where a parcel of this carrier can be followed; "" for a carrier that is not known."""
    name = "".join(character for character in company.lower() if character.isalnum())
    template = _PAGES.get(name, "") if number else ""
    return template.format(number=quote("".join(number.split()), safe=""))
