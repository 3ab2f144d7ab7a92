"""Load the admin when somebody asks for it: its models, its content types, every app's `admin.py`."""

import threading
from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

from cloudcart.staff.apps import WaitingConfig
from cloudcart.staff.templates import add_libraries

# Reentrant: what is loaded may ask for it in turn.
_lock = threading.RLock()
_is_loaded = False


def load() -> None:
    """Make the admin ready; once in a process, at the first request to it or the first check of it."""
    with _lock:
        if not _is_loaded:
            _load()


def _load() -> None:
    global _is_loaded
    waiting = [config for config in apps.get_app_configs() if isinstance(config, WaitingConfig)]
    # Django's own apps are not asked for their `admin.py`: those models have no table here.
    others = [config for config in apps.get_app_configs() if not isinstance(config, WaitingConfig)]
    for config in waiting:
        _import(config, "models")
    add_libraries(waiting)
    for module in ("admin", "admin_views"):
        for app in others:
            _import(app, module)
    from cloudcart.dynamo_admin.content_types import number_content_types

    number_content_types()
    _is_loaded = True


def _import(config: AppConfig, name: str) -> None:
    if module_has_submodule(config.module, name):
        import_module(f"{config.name}.{name}")
