"""Views that are imported by their first request: addresses are known without what answers them.

Importing every view of the shop takes a tenth of a cold start, and each request needs one.
"""

from importlib import import_module
from typing import Any


class LateViews:
    """A module of views that is named in place of being imported: ``views.cart`` is its view ``cart``."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> "LateView":
        return LateView(self._module, name)


class LateView:
    """Stands for a view function, under its name; what decorators noted on it (``csrf_exempt``) is found on it."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = module
        self.__name__ = self.__qualname__ = name
        self._function: Any = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.load()(*arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        # Django asks for it when it collects the addresses: only views that are classes have one.
        if name == "view_class":
            raise AttributeError(name)
        return getattr(self.load(), name)

    def load(self) -> Any:
        """Import the view.

        :raises AttributeError: if its module has none of this name.
        """
        if self._function is None:
            self._function = getattr(import_module(self.__module__), self.__name__)
        return self._function
