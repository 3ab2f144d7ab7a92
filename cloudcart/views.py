from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cloudcart.errors import StorageUnavailable


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    from cloudcart import readiness

    checks = readiness.check()
    is_ready = all(outcome == "ok" for outcome in checks.values())
    answer = {"status": "ready" if is_ready else "unavailable", "release": settings.RELEASE, "checks": checks}
    return JsonResponse(answer, status=200 if is_ready else 503, headers={"Cache-Control": "no-store"})


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    # Pages link their icon; browsers ask for this address where there is no page: pictures, plain text.
    return redirect(static("img/favicon.svg"))


@require_safe
def media(request: HttpRequest, key: str) -> HttpResponseBase:
    try:
        file = default_storage.open(key)
        # What is no picture is only ever downloaded: a page in the bucket would be one of the shop's own.
        kind = "image/webp" if key.endswith(".webp") else "application/octet-stream"
        response = FileResponse(file, content_type=kind)
    except (FileNotFoundError, ClientError) as error:
        raise Http404("There is no such picture.") from error
    except (HTTPClientError, NoConnection) as error:
        raise StorageUnavailable from error
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
