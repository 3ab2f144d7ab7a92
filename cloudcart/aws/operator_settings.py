"""Settings of the commands that look after a stage from outside of it, like `manage.py provision`.

They run before the stage has any names or secrets, so they read none, and leave a developer's own AWS
profile alone. What they need to know, the stacks tell them.
"""

SECRET_KEY = "signs-nothing"  # noqa: S105 (no page is served with these settings)
INSTALLED_APPS = ["cloudcart"]
DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
TIME_ZONE = "UTC"
