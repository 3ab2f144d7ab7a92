"""What becomes of Zappa's package; `make rehearse` deploys a whole one."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cloudcart.aws import bundle


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    files = {
        "cloudcart/__init__.py": "",
        "cloudcart/own.py": "WORD = 'bundled'",
        "library/__init__.py": "",
        "library/word.py": "WORD = 'library'",
        "library/template.py": "not { python",
        "library/locale/de/LC_MESSAGES/django.mo": "",
        "botocore/data/ec2/2016-11-15/service-2.json.gz": "",
        "typst/__init__.py": "",
        "setuptools/__init__.py": "",
        "handler.py": "",
    }
    with zipfile.ZipFile(path, "w") as written:
        for name, text in files.items():
            written.writestr(name, text)
    return path


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as package:
        return set(package.namelist())


def test_what_lambda_has_or_never_reads_is_left_out(package: Path) -> None:
    bundle.finish(package, "web", more=[("staticfiles/staticfiles.json", b"{}")])
    tops = {name.partition("/")[0] for name in names(package)}
    assert tops == {"cloudcart", "library", "staticfiles"}
    assert "library/locale/de/LC_MESSAGES/django.mo" not in names(package)


def test_invoices_are_printed_by_the_worker_alone(package: Path) -> None:
    bundle.finish(package, "worker")
    assert "typst/__init__.pyc" in names(package)


@pytest.mark.parametrize(
    ("name", "is_needed"),
    [
        ("django/conf/locale/en/formats.py", True),
        ("django/conf/locale/de/formats.py", False),
        ("django/conf/locale/__init__.py", True),
        ("babel/locale-data/root.dat", True),
        ("babel/locale-data/en_IE.dat", True),
        ("babel/locale-data/de.dat", True),
        ("babel/locale-data/zu.dat", False),
        ("aws_lambda_powertools/metrics/metrics.py", True),
        ("aws_lambda_powertools/utilities/jmespath_utils/__init__.py", True),
        ("aws_lambda_powertools/utilities/parser/models/sqs.py", False),
        ("zappa/handler.py", True),
        ("zappa/core.py", False),
        ("unfold/static/unfold/css/styles.css", False),
        ("unfold/templates/admin/base.html", True),
        ("templates/base.html", True),
        ("cloudcart/local/run.py", False),
        ("boto3/session.py", True),
        ("botocore/data/partitions.json", True),
        ("botocore/data/dynamodb/2012-08-10/service-2.json.gz", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("catalog/demo/products.yaml", False),
    ],
)
def test_a_web_package_has(name: str, is_needed: bool) -> None:
    assert bundle.is_needed(name, "web") is is_needed


def test_bytecode_is_believed_without_a_look_at_its_source(package: Path, tmp_path: Path) -> None:
    bundle.finish(package, "web")
    folder = tmp_path / "task"
    with zipfile.ZipFile(package) as finished:
        finished.extractall(folder)
    # Zappa's files are all of 1980; ordinary bytecode would be outdated as soon as it is unpacked.
    (folder / "cloudcart" / "own.py").write_text("WORD = 'changed since'")
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from cloudcart.own import WORD; from library import word; "
    )
    code += "print(WORD, word.WORD)"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "bundled library\n"
    # The shop's sources come along, for who reads a traceback; those of libraries do not.
    assert "library/word.py" not in names(package)
    assert "library/template.py" in names(package)


def test_the_same_files_make_the_same_package(package: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    again.write_bytes(package.read_bytes())
    bundle.finish(package, "web")
    bundle.finish(again, "web")
    assert package.read_bytes() == again.read_bytes()


def test_the_size_is_told_zipped_and_unpacked(package: Path) -> None:
    size = bundle.finish(package, "web")
    assert size.zipped == package.stat().st_size
    assert 0 < size.unpacked < 10_000
    assert str(size) == "0.0 MiB, unpacked 0 MB"
