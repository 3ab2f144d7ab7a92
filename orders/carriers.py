"""Who carries parcels, and where each shows how far one is. Pure."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Carrier:
    """A carrier; ``tracking_page`` has a ``{number}``, and is empty where there is none that we know."""

    code: str
    name: str
    tracking_page: str = ""

    def tracking_url(self, tracking_number: str) -> str:
        """Give the page of one parcel, or an empty text."""
        if not tracking_number or not self.tracking_page:
            return ""
        return self.tracking_page.replace("{number}", quote(tracking_number, safe=""))


_CARRIERS = (
    Carrier("dhl", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"),
    Carrier("dpd", "DPD", "https://tracking.dpd.de/status/en_US/parcel/{number}"),
    Carrier("ups", "UPS", "https://www.ups.com/track?tracknum={number}"),
    Carrier("gls", "GLS", "https://gls-group.com/GROUP/en/parcel-tracking?match={number}"),
    Carrier("royal-mail", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{number}"),
    Carrier("usps", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
    Carrier("postnord", "PostNord", "https://tracking.postnord.com/en/tracking?id={number}"),
    Carrier("other", "Another carrier"),
)


def list_carriers() -> list[Carrier]:
    """List the carriers, the most used first."""
    return list(_CARRIERS)


def find_carrier(code: str) -> Carrier | None:
    """Give a carrier by its code."""
    return next((carrier for carrier in _CARRIERS if carrier.code == code), None)
