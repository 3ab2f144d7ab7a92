"""Secrets on AWS come from Secrets Manager, when they are needed and not before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest
from django.core import signing

from cloudcart import secret_values
from cloudcart.secret_values import SecretMissing, lazy_secret, read_secret

SECRET_ID = "cloudcart-dev/app"


@pytest.fixture
def secret() -> Iterator[str]:
    client = boto3.client("secretsmanager")
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps({"SECRET_KEY": "its own", "EMPTY": ""}))
    secret_values._fetch.cache_clear()
    yield SECRET_ID
    client.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)
    secret_values._fetch.cache_clear()


def test_a_secret_is_fetched_when_something_looks_at_it(secret: str) -> None:
    value = lazy_secret("there is no such secret", "SECRET_KEY")
    assert type(value) is not str
    assert str(lazy_secret(secret, "SECRET_KEY")) == "its own"


def test_django_signs_with_it_as_with_any_other(secret: str) -> None:
    signed = signing.dumps({"order": "K4"}, key=lazy_secret(secret, "SECRET_KEY"))
    assert signing.loads(signed, key="its own") == {"order": "K4"}


@pytest.mark.parametrize("key", ["EMPTY", "STRIPE_SECRET_KEY"])
def test_what_a_secret_lacks_is_named(secret: str, key: str) -> None:
    with pytest.raises(SecretMissing, match=f"cloudcart-dev/app of Secrets Manager has no {key}"):
        read_secret(secret, key)


def test_what_a_shop_can_do_without_is_an_empty_text_until_it_is_set(secret: str) -> None:
    assert not lazy_secret(secret, "EMPTY", is_optional=True)
    assert lazy_secret(secret, "SECRET_KEY", is_optional=True) == "its own"


def test_a_value_that_is_set_later_is_found_without_a_new_process(secret: str) -> None:
    with pytest.raises(SecretMissing):
        read_secret(secret, "EMPTY")
    boto3.client("secretsmanager").put_secret_value(SecretId=secret, SecretString='{"EMPTY": "no more"}')
    assert read_secret(secret, "EMPTY") == "no more"


def test_a_stage_starts_with_the_id_of_its_secret_and_reads_it_at_the_first_signature(secret: str) -> None:
    code = "from django.conf import settings; from django.core import signing; print(signing.dumps('K4'))"
    environment = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "CLOUDCART_STAGE"}}
    environment |= {"CLOUDCART_STAGE": "dev", "APP_SECRET_ID": secret, "DJANGO_SETTINGS_MODULE": "cloudcart.settings"}
    signed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert signing.loads(signed.stdout.strip(), key="its own") == "K4"
