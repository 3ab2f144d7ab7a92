"""The tables of botocore and Babel, as far as the functions look something up: a cold start reads whole files.

botocore looks through the folders of all 430 services twice before it builds its first client, and reads
the addresses of all of them, and the manual of this one; Babel merges the names of all languages, units and
currencies with each other.
"""

import gzip
import json
import pickle
from fnmatch import fnmatchcase
from typing import Any

# The services that the functions call (their roles in base.yaml), with the names in botocore's list of addresses.
SERVICES = {
    "cognito-idp": "cognito-idp",
    "dynamodb": "dynamodb",
    "dynamodbstreams": "streams.dynamodb",
    "events": "events",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "ses": "email",
    "sns": "sns",
    "sqs": "sqs",
    "xray": "xray",
}

_ADDRESSES = "botocore/data/endpoints.json"
_SERVICE = "botocore/data/*/service-2.json.gz"
_LOCALES = "babel/locale-data/*.dat"
# What it takes to write prices, percentages and dates, and the names of countries.
_LOCALE_TABLES = {
    "character_order",
    "currency_formats",
    "currency_symbols",
    "date_formats",
    "datetime_formats",
    "day_period_rules",
    "day_periods",
    "days",
    "decimal_formats",
    "default_numbering_system",
    "eras",
    "locale_id",
    "months",
    "number_symbols",
    "numbering_systems",
    "ordinal_form",
    "percent_formats",
    "plural_form",
    "quarters",
    "territories",
    "time_formats",
    "week_data",
    "zone_formats",
}
# Babel looks up a currency's name for every price, and writes it into none.
_EMPTY_TABLES: dict[str, Any] = {"currency_names": {}, "currency_names_plural": {}}


def shorten(name: str, content: bytes) -> bytes:
    """Take from a file of tables what no function reads; any other file is left as it is."""
    if name == _ADDRESSES:
        return _without_other_services(content)
    if fnmatchcase(name, _SERVICE):
        description = _without_manual(json.loads(gzip.decompress(content)))
        return gzip.compress(_json(description), mtime=0)
    if fnmatchcase(name, _LOCALES):
        tables: dict[str, Any] = pickle.loads(content)  # noqa: S301 (it is Babel's)
        # The protocol that Babel itself writes.
        return pickle.dumps({table: tables[table] for table in tables if table in _LOCALE_TABLES} | _EMPTY_TABLES, 2)
    return content


def _without_other_services(content: bytes) -> bytes:
    addresses = json.loads(content)
    for partition in addresses["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in SERVICES.values() if name in services}
    return _json(addresses)


def _without_manual(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_manual(item) for item in part]
    if isinstance(part, dict):
        return {name: "" if _is_manual(name, value) else _without_manual(value) for name, value in part.items()}
    return part


def _is_manual(name: str, value: Any) -> bool:
    # A parameter may have this name too, and is no text. The name stays: botocore counts on it in places.
    return name == "documentation" and isinstance(value, str)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
