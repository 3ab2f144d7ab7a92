"""The web function, called with events that API Gateway and CloudFront send and the embedded AWS does not."""

import base64
import gc
import gzip
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from zappa.cli import ZappaCLI

from cloudcart.aws import origin_key
from tests.aws.lambda_events import API_HOST, Context, cloudfront_event, http_api_event, rest_api_event
from tests.factories import make_product

Handle = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    """The handler, with the settings that Zappa writes into the package of the stage "dev"."""
    cli = ZappaCLI()
    cli.api_stage = "dev"
    cli.load_settings("zappa_settings.json")
    written = ModuleType("zappa_settings")
    exec(cli.get_zappa_settings_string(), written.__dict__)
    sys.modules["zappa_settings"] = written
    yield importlib.import_module("cloudcart.aws.handler")
    del sys.modules["zappa_settings"]


@pytest.fixture
def call(handler: ModuleType, settings: Any) -> Handle:
    """As the functions run: behind CloudFront, which has the shop's host."""
    settings.ALLOWED_HOSTS = ["shop.example", ".execute-api.eu-central-1.amazonaws.com"]
    settings.USE_X_FORWARDED_HOST = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = True
    return lambda event: handler.handler(event, Context())


def text_of(answer: dict[str, Any]) -> str:
    body = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"].encode()
    return gzip.decompress(body).decode() if answer["headers"].get("Content-Encoding") == "gzip" else body.decode()


def put_in_cart(sku: str, **more: Any) -> dict[str, Any]:
    return http_api_event(
        "/cart/items/",
        method="POST",
        body=f"sku={sku}&quantity=2",
        content_type="application/x-www-form-urlencoded",
        sec_fetch_site="same-origin",
        **more,
    )


def test_a_page_by_the_address_of_the_http_api(call: Handle) -> None:
    make_product(title="Teapot")
    answer = call(http_api_event("/products/", accept_encoding="gzip"))
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Encoding"] == "gzip"
    assert "Teapot" in text_of(answer)


def test_links_have_the_stage_by_the_address_of_the_api_and_not_behind_cloudfront(call: Handle, settings: Any) -> None:
    make_product(slug="teapot")
    assert 'href="/dev/products/teapot/' in text_of(call(http_api_event("/products/")))
    settings.FORCE_SCRIPT_NAME = ""
    assert 'href="/products/teapot/' in text_of(call(cloudfront_event("/products/", shop_host="shop.example")))


def test_a_path_that_begins_like_the_stage_is_left_alone_under_a_domain(call: Handle) -> None:
    answer = call(http_api_event("/products/", stage="", host="shop.example"))
    assert answer["statusCode"] == 200


def test_a_custom_domain_with_a_stage_of_the_api_behind_it(call: Handle) -> None:
    event = http_api_event("/products/", stage="", host="shop.example")
    # API Gateway names the stage, and has taken it from the path.
    event["requestContext"]["stage"] = "dev"
    assert call(event)["statusCode"] == 200


def test_redirects_lead_to_the_visitors_host(call: Handle, settings: Any) -> None:
    settings.FORCE_SCRIPT_NAME = ""
    answer = call(cloudfront_event("/products", shop_host="shop.example"))
    assert answer["statusCode"] == 301
    assert answer["headers"]["Location"] in {"/products/", "https://shop.example/products/"}
    # A REST API answers 502 to a null body.
    assert answer["body"] == ""


def test_a_host_that_is_not_the_shops_is_refused(call: Handle) -> None:
    answer = call(cloudfront_event("/products/", shop_host="elsewhere.example"))
    assert answer["statusCode"] == 400


@pytest.mark.parametrize("key", ["the new one", "the former one"])
def test_a_guarded_shop_answers_what_comes_with_one_of_its_keys(call: Handle, settings: Any, key: str) -> None:
    settings.ORIGIN_KEY_DIGESTS = [origin_key.digest("the new one"), origin_key.digest("the former one")]
    assert call(http_api_event("/healthz", x_origin_key=key))["statusCode"] == 200
    titled = rest_api_event("/healthz")
    titled["headers"]["X-Origin-Key"] = key
    assert call(titled)["statusCode"] == 200


@pytest.mark.parametrize("headers", [{}, {"x_origin_key": ""}, {"x_origin_key": "made up"}])
def test_a_guarded_shop_refuses_whoever_comes_past_cloudfront(
    call: Handle, settings: Any, headers: dict[str, str]
) -> None:
    settings.ORIGIN_KEY_DIGESTS = [origin_key.digest("the new one")]
    answer = call(http_api_event("/healthz", **headers))
    assert (answer["statusCode"], answer["body"]) == (403, "This shop is open at its own address.\n")
    assert call(rest_api_event("/healthz"))["statusCode"] == 403
    # Nothing is left to a header that is no text.
    assert call(http_api_event("/healthz") | {"headers": None})["statusCode"] == 403


def test_every_cookie_is_sent_once(call: Handle) -> None:
    product = make_product(sku="CUP")
    answer = call(put_in_cart(product.variants[0].sku))
    assert answer["statusCode"] == 302
    names = [cookie.partition("=")[0] for cookie in answer["cookies"]]
    assert "session" in names or "cart" in " ".join(names)
    assert len(names) == len(set(names))


def test_a_cart_is_kept_over_requests_with_several_cookies(call: Handle) -> None:
    product = make_product(title="Cup", sku="CUP")
    cookies = [cookie.partition(";")[0] for cookie in call(put_in_cart(product.variants[0].sku))["cookies"]]
    answer = call(http_api_event("/cart/", cookies=["first=1", *cookies, "last=1"]))
    assert "Cup" in text_of(answer)
    # HTTP/2 browsers send cookies one by one, and a REST API keeps them apart.
    answer = call(rest_api_event("/cart/", cookies=["first=1", *cookies, "last=1"]))
    assert "Cup" in text_of(answer)


def test_a_rest_api_gets_every_cookie_once_and_in_one_place(handler: ModuleType) -> None:
    answer = {
        "body": None,
        "headers": {"Set-Cookie": "b=2", "set-cookie": "b=2", "Content-Type": "text/html"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "set-cookie": ["a=1", "b=2"], "Vary": ["Cookie"]},
    }
    repaired = handler.http_events.repair(answer)
    assert repaired["multiValueHeaders"] == {"Vary": ["Cookie"], "set-cookie": ["a=1", "b=2"]}
    assert repaired["headers"] == {"Content-Type": "text/html"}
    assert repaired["body"] == ""


def test_a_form_without_a_body_is_an_empty_form(call: Handle) -> None:
    event = put_in_cart("CUP")
    event["body"] = None
    assert call(event)["statusCode"] in {404, 422}


def test_stage_variables_do_not_get_into_the_environment(call: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    event = http_api_event("/healthz") | {"stageVariables": {"SECRET_KEY": "anyone's"}}
    assert call(event)["statusCode"] == 200
    assert "SECRET_KEY" not in os.environ


@pytest.mark.parametrize(
    "event",
    [
        {"raw_command": "import os; os.environ['REACHED'] = '1'"},
        {"command": "os.getcwd"},
        {"manage": "seed"},
        {"Records": []},
        {"detail-type": "Scheduled Event", "resources": ["rule/x-os.getcwd"]},
        {},
    ],
)
def test_what_is_no_request_is_refused(call: Handle, event: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="answers requests only"):
        call(event)


def test_an_error_page_tells_no_traceback(call: Handle) -> None:
    answer = call(http_api_event("/products/", query="page=%00&sort=nonsense", host=API_HOST))
    assert answer["statusCode"] in {200, 302, 400, 404}
    assert "Traceback" not in text_of(answer)


def test_garbage_is_collected_from_the_first_answer_on(call: Handle) -> None:
    gc.disable()
    call(http_api_event("/healthz"))
    assert gc.isenabled()
    gc.disable()
    call(http_api_event("/no-such-page/"))
    assert gc.isenabled()


def test_log_lines_carry_the_invocation(call: Handle) -> None:
    from cloudcart import logs

    call(http_api_event("/healthz"))
    assert logs.process_fields["function_request_id"] == Context.aws_request_id
    assert logs.process_fields["function_name"] == "cloudcart-app-dev"
    line = logs._add_process_fields(None, "info", {"event": "order.placed"})
    assert json.loads(json.dumps(line))["event"] == "order.placed"
    assert line["function_version"] == "7"
