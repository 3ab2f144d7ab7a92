"""What packages keep of the tables and files of libraries is enough for what the functions do with them."""

import gzip
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import babel
import botocore
import pytest
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver

from catalog.images import UPLOAD_FORMATS
from cloudcart.aws import bundle, bundle_tables, templates

SITE_PACKAGES = Path(babel.__file__).parents[1]

WRITE_PRICES_AND_DATES = """
import sys, json
from datetime import date
from decimal import Decimal
sys.path.insert(0, sys.argv[1])
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_percent
written = {}
for name in ("en_IE", "de_CH", "fr", "ja", "nb_NO", "pt_PT", "sv_SE", "tr"):
    prices = [format_currency(Decimal("-1234567.89"), code, locale=name) for code in ("EUR", "JPY", "CHF", "TRY")]
    day = format_date(date(2026, 11, 6), "long", locale=name)
    rate = format_percent(Decimal("0.075"), "#0.##%", locale=name)
    written[name] = [*prices, day, rate, dict(Locale.parse(name).territories)]
print(json.dumps(written))
"""

SCALE_PICTURES = """
import io, sys
sys.path.insert(0, sys.argv[1])
from PIL import Image, ImageFilter, ImageOps
for form in sys.argv[2:]:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(written, form)
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(written.getvalue()), formats=[form])).convert("RGB")
    print(form, *picture.resize((32, 24)).filter(ImageFilter.GaussianBlur(1)).size)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Any:
    def pack_libraries(*libraries: str) -> Path:
        path = tmp_path / "package.zip"
        with zipfile.ZipFile(path, "w") as package:
            for library in libraries:
                for file in (SITE_PACKAGES / library).rglob("*"):
                    if file.is_file() and file.suffix != ".pyc":
                        package.write(file, file.relative_to(SITE_PACKAGES))
        bundle.finish(path, "web")
        with zipfile.ZipFile(path) as package:
            package.extractall(tmp_path / "task")
        return tmp_path / "task"

    return pack_libraries


def run(code: str, *arguments: object) -> str:
    command = [sys.executable, "-I", "-S", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_prices_dates_and_countries_are_written_as_with_all_tables(pack: Any) -> None:
    written = json.loads(run(WRITE_PRICES_AND_DATES, pack("babel")))
    assert written["de_CH"][0] == "EUR-1’234’567.89"
    assert written == json.loads(run(WRITE_PRICES_AND_DATES, SITE_PACKAGES))


def test_pictures_of_every_format_are_read_and_scaled(pack: Any) -> None:
    task = pack("PIL", "pillow.libs")
    assert run(SCALE_PICTURES, task, *UPLOAD_FORMATS).splitlines() == [f"{name} 32 24" for name in UPLOAD_FORMATS]
    assert not list(task.glob("pillow.libs/libfreetype*"))


def test_the_services_that_are_called_have_the_addresses_that_they_had() -> None:
    whole = (Path(botocore.__file__).parent / "data" / "endpoints.json").read_bytes()
    short = bundle_tables.shorten("botocore/data/endpoints.json", whole)
    assert len(short) < len(whole) / 10
    before, after = EndpointResolver(json.loads(whole)), EndpointResolver(json.loads(short))
    for region in ("eu-central-1", "us-east-1", "cn-north-1"):
        addresses = {name: before.construct_endpoint(name, region) for name in bundle_tables.SERVICES.values()}
        assert addresses == {name: after.construct_endpoint(name, region) for name in bundle_tables.SERVICES.values()}


@pytest.mark.parametrize("service", bundle_tables.SERVICES)
def test_a_service_is_described_as_before_but_for_its_manual(service: str) -> None:
    [path] = sorted((SITE_PACKAGES / "botocore" / "data" / service).glob("*/service-2.json.gz"))[-1:]
    whole = path.read_bytes()
    short = bundle_tables.shorten(f"botocore/data/{service}/{path.parent.name}/{path.name}", whole)
    assert len(short) < len(whole) / 2
    before, after = (json.loads(gzip.decompress(content)) for content in (whole, short))
    assert after != before
    assert after == without_manual(before)
    # botocore reads the manual of these, whoever calls the service.
    assert len(ServiceModel(after).client_context_parameters) == len(after.get("clientContextParams", {}))


def without_manual(part: Any) -> Any:
    return json.loads(re.sub(r'"documentation": "(?:[^"\\]|\\.)*"', '"documentation": ""', json.dumps(part)))


def test_every_service_that_a_role_allows_is_packed() -> None:
    roles = templates.resources("base", "AWS::IAM::Role")
    policies = [policy for name in ("WebRole", "WorkerRole") for policy in roles[name]["Policies"]]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    actions = [action for statement in statements for action in _list(statement["Action"])]
    # Lambda writes the log by itself; streams have a client of their own.
    called = {action.partition(":")[0] for action in actions} - {"logs"} | {"dynamodbstreams"}
    assert called == set(bundle_tables.SERVICES)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
