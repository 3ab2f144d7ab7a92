"""What a deployment by Zappa needs to know of the stage: the names of what was provisioned, and the right Python."""

import os
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import boto3

from cloudcart.aws import origin_key, origin_secret, stack
from cloudcart.aws.names import Names
from cloudcart.environment import has_embedded_aws

# Commands of Zappa that build a package or configure the function.
BUILDING = {"deploy", "update", "package"}


class DeploymentRefused(Exception):
    """What would be deployed would not run."""


@dataclass(frozen=True)
class Buckets:
    """Where packages are on their way to Lambda, and where static files are served from."""

    code: str
    static: str


def split_stage(zappa_stage: str) -> tuple[Names, str]:
    """Tell the stage and the part, "web" or "worker", from what zappa_settings.json calls them."""
    stage, _, part = zappa_stage.partition("_")
    return Names(stage), part or "web"


def check_python(runtime: str) -> None:
    """Make sure that bytecode and compiled libraries fit the runtime; Zappa does not look.

    :raises DeploymentRefused: if this is another Python than Lambda's.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # The embedded AWS runs functions by the Python of this machine.
    if version != runtime and not has_embedded_aws():
        raise DeploymentRefused(
            f"zappa_settings.json asks for {runtime}, and this is {version}: Lambda could not load the package. "
            f"Install {runtime.replace('python', 'Python ')}, remove .venv, and run `make setup` again; "
            "docs/lambda.md shows how."
        )


def function_environment(names: Names) -> dict[str, str]:
    """Give the variables of a function: what the base stack tells, and the ids of secrets, never their values.

    :raises StackFailed: if the stage is not provisioned.
    """
    shop = _shop_parameters(names.stack)
    secrets = {"APP_SECRET_ID": names.app_secret, "STRIPE_SECRET_ID": names.stripe_secret}
    outputs = stack.read_outputs(names.stack).as_environment()
    surroundings = _behind_cloudfront(shop["STORE_URL"]) | _origin_keys(names) | _simulated_payments()
    return outputs | shop | secrets | surroundings


def buckets(names: Names) -> Buckets:
    """Give the stage's buckets; their names end with the account, so only the stack knows them.

    :raises StackFailed: if the stage is not provisioned.
    """
    outputs = stack.read_outputs(names.stack)
    return Buckets(code=outputs["CodeBucketName"], static=outputs["StaticBucketName"])


def _shop_parameters(stack_name: str) -> dict[str, str]:
    values = stack.read_parameters(stack_name)
    names = {"StoreName": "STORE_NAME", "StoreEmail": "STORE_EMAIL", "ShopOrigin": "STORE_URL"}
    return {variable: values[name] for name, variable in names.items()}


def _behind_cloudfront(store_url: str) -> dict[str, str]:
    # Visitors come to the shop's own host, API Gateway is called by another one and under the stage's prefix.
    hosts = [urlsplit(store_url).hostname or "", f".execute-api.{boto3.Session().region_name}.amazonaws.com"]
    if has_embedded_aws():
        hosts += ["127.0.0.1", ".localhost"]
    return {
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(hosts)),
        "CSRF_TRUSTED_ORIGINS": store_url,
        "FORCE_SCRIPT_NAME": "",
        "TRUSTED_PROXY_COUNT": "2",
        "USE_X_FORWARDED_HOST": "1",
    }


def _origin_keys(names: Names) -> dict[str, str]:
    if not origin_secret.is_guarded(names):
        return {}
    return {"ORIGIN_KEY_DIGESTS": ",".join(origin_key.digest(key) for key in origin_secret.read_keys(names))}


def _simulated_payments() -> dict[str, str]:
    # A rehearsal pays at a simulator. Functions on AWS are told of no other place than Stripe's own.
    base = os.environ.get("STRIPE_API_BASE", "")
    return {"STRIPE_API_BASE": base} if base and has_embedded_aws() else {}
