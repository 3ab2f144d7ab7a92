"""Make Zappa's package what Lambda loads fast: nothing that is not needed there, and bytecode that is believed.

Zappa stamps all files with 1980, so Python would take any ordinary bytecode for outdated, and compile
the whole shop at every cold start. Bytecode with an unchecked hash is never compared with its source.
"""

import fnmatch
import importlib.util
import marshal
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudcart.aws import bundle_tables

# What only Zappa's command line, the installers and the builders of libraries need.
_TOOLS = (
    "_distutils_hack/*",
    "argcomplete*",
    "click_*",
    "cffi/*",
    "cfn_flip*",
    "distutils-precedence.pth",
    "durationpy-*",
    "hjson*",
    "pip*",
    "pkg_resources*",
    "placebo*",
    "prompt_toolkit*",
    "pycparser*",
    "python_slugify*",
    "setuptools*",
    "slugify/*",
    "text_unidecode*",
    "tqdm*",
    "troposphere*",
    "wcwidth*",
    "wheel*",
    "zappa/cli.py",
    "zappa/core.py",
    "zappa/letsencrypt.py",
)
# What is served from S3, or read by people, or used by nobody here.
_UNREAD = (
    "*.pyi",
    "aws_lambda_powertools/event_handler/*",
    "aws_lambda_powertools/utilities/*/*",
    "babel/locale-data/*",
    "*/py.typed",
    "*/locale/*",
    "*/tests/*",
    "*/static/*",
    "django/contrib/admin/static/*",
    "django/contrib/gis/*",
    "django/conf/app_template/*",
    "django/conf/project_template/*",
    "cloudcart/local/*",
    "package_info.json",
    "handler.py",
    "bin/*",
    "share/*",
    "*.dist-info/RECORD",
    "boto3/examples/*",
    "boto3/data/*/*",
    "botocore/data/*/*",
    # Pillow's fonts, color profiles and windows; the shop scales pictures.
    "PIL/_imagingcms.*",
    "PIL/_imagingft.*",
    "PIL/_imagingtk.*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "pillow.libs/liblcms2*",
    "pillow.libs/libpng*",
)
# The languages in which prices and dates can be written (FORMAT_LOCALE); all of Babel's are 30 MB.
_LANGUAGES: tuple[str, ...] = (
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "is",
    "it",
    "ja",
    "lt",
    "lv",
)
_LANGUAGES += ("mt", "nb", "nl", "nn", "no", "pl", "pt", "ro", "sk", "sl", "sv", "tr", "uk")
# Django chooses English from its folders of languages, and fails without one.
_KEPT = (
    "aws_lambda_powertools/utilities/jmespath_utils/*",
    "django/conf/locale/en/*",
    "*/locale/__init__.py",
    "babel/locale-data/root.dat",
    *(f"babel/locale-data/{language}{rest}" for language in _LANGUAGES for rest in (".dat", "_*")),
    *(f"{library}/data/{service}/*" for library in ("boto3", "botocore") for service in bundle_tables.SERVICES),
)
# Printing invoices is the worker's.
_ONLY_WORKER = ("typst/*", "typst-*", "*/fonts/*", "catalog/demo/*", "yaml/*", "_yaml/*")
# The shop's own modules come with their source, for who reads a traceback.
_OWN = ("accounts", "cart", "catalog", "cloudcart", "orders")

# PEP 552: the source's hash follows, and is not to be compared.
_UNCHECKED_HASH = (0b01).to_bytes(4, "little")


@dataclass(frozen=True)
class PackageSize:
    """Bytes of a package, as it is uploaded and as Lambda unpacks it (which takes 250 MiB at most)."""

    zipped: int
    unpacked: int

    @classmethod
    def of(cls, path: Path) -> "PackageSize":
        with zipfile.ZipFile(path) as package:
            return cls(path.stat().st_size, sum(entry.file_size for entry in package.infolist()))

    def __str__(self) -> str:
        return f"{self.zipped / 2**20:.1f} MiB, unpacked {self.unpacked / 10**6:.0f} MB"


def finish(path: Path, part: str, *, more: Iterable[tuple[str, bytes]] = ()) -> PackageSize:
    """Rewrite a package of Zappa's in place; gives its new size.

    The bytecode is that of the running Python, which therefore has to be the one of the Lambda runtime.

    :param part: "web" or "worker".
    :param more: files to put in, by name.
    """
    # Zappa leaves out what begins with a dot: another package may be in the making.
    finished = path.with_name(f".{path.name}.finished")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in [*_read(package, part), *more]:
            for written_name, written in _as_loaded(name, content):
                _write(target, written_name, written)
    finished.replace(path)
    return PackageSize.of(path)


def is_needed(name: str, part: str) -> bool:
    """Whether a file of the package has something to do on Lambda."""
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in _KEPT):
        return True
    unneeded = [*_TOOLS, *_UNREAD, *([] if part == "worker" else _ONLY_WORKER)]
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in unneeded)


def compile_unchecked(source: bytes, name: str) -> bytes | None:
    """Compile a module to bytecode that Python loads without looking at its source; None if it is no Python."""
    try:
        code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True)
    except SyntaxError:
        # Libraries carry templates of modules, and modules for other versions of Python.
        return None
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return header + marshal.dumps(code)


def _as_loaded(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    bytecode = compile_unchecked(content, name) if name.endswith(".py") else None
    is_own = name.partition("/")[0] in _OWN
    if bytecode is None or is_own:
        yield name, content
    if bytecode is not None:
        # Libraries without their sources: Python loads "module.pyc" where there is no "module.py".
        yield (importlib.util.cache_from_source(name) if is_own else f"{name}c"), bytecode


def _read(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    for entry in package.infolist():
        if entry.filename not in seen and is_needed(entry.filename, part):
            seen.add(entry.filename)
            yield entry.filename, bundle_tables.shorten(entry.filename, package.read(entry))


def _write(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    # The same files make the same package, whenever and wherever it is built.
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o755 << 16
    target.writestr(entry, content)
