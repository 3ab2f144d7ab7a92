from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def media(request: HttpRequest, key: str) -> HttpResponseBase:
    try:
        file = default_storage.open(key)
        response = FileResponse(file, content_type="image/webp" if key.endswith(".webp") else None)
    except (FileNotFoundError, ClientError) as error:
        raise Http404("There is no such picture.") from error
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
