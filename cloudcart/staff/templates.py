"""Django's templates, without the admin's tags until the admin is loaded: they import all of it."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage
from django.template import engines
from django.template.backends.django import DjangoTemplates, get_package_libraries
from django.utils.module_loading import module_has_submodule

from cloudcart.staff.apps import WaitingConfig


class LateTemplates(DjangoTemplates):
    """The template engine of the shop; `add_libraries` gives it the admin's tags."""

    def get_templatetag_libraries(self, custom_libraries: dict[str, str]) -> dict[str, str]:
        shop_apps = [config for config in apps.get_app_configs() if not isinstance(config, WaitingConfig)]
        return {
            **_find_libraries(["django"]),
            **_find_libraries(config.name for config in shop_apps),
            **custom_libraries,
        }

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        # The checks import every app's tags, and those of the admin want its models.
        from cloudcart.staff import loading

        loading.load()
        return super().check(**kwargs)


def add_libraries(configs: Iterable[AppConfig]) -> None:
    """Let templates load the tags of these apps from now on."""
    found = _find_libraries(config.name for config in configs)
    for backend in engines.all():
        if isinstance(backend, LateTemplates):
            backend.engine.libraries.update(found)
            backend.engine.template_libraries.update(backend.engine.get_template_libraries(found))


def _find_libraries(app_names: Iterable[str]) -> dict[str, str]:
    libraries = {}
    for app_name in app_names:
        if module_has_submodule(import_module(app_name), "templatetags"):
            package = import_module(f"{app_name}.templatetags")
            names = get_package_libraries(package)
            libraries.update({name.removeprefix(f"{package.__name__}."): name for name in names})
    return libraries
