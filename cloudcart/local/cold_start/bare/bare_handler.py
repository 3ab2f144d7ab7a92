import sys
from types import ModuleType
from typing import Any

settings = ModuleType("zappa_settings")
settings.__dict__.update(
    {"API_STAGE": "dev", "BINARY_SUPPORT": True, "CONTEXT_HEADER_MAPPINGS": {}, "DEBUG": False, "DOMAIN": None},
    DJANGO_SETTINGS="bare_settings",
    ENVIRONMENT_VARIABLES={},
    EXCEPTION_HANDLER=None,
    LOG_LEVEL="WARNING",
    PROJECT_NAME="bare",
)
sys.modules["zappa_settings"] = settings

from django.urls import get_resolver  # noqa: E402
from zappa.handler import LambdaHandler  # noqa: E402

_zappa = LambdaHandler()
_ = get_resolver().url_patterns


def handler(event: dict[str, Any], context: Any) -> Any:
    return _zappa.handler(event, context)
