"""Two views, one of them open to posts from elsewhere, and their addresses, which know them by name alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from cloudcart.late_views import LateViews


def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("guarded")


@csrf_exempt
def exempt(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"exempt {number}")


views = LateViews(__name__)

urlpatterns = [
    path("guarded/", views.guarded, name="guarded"),
    path("exempt/<int:number>/", views.exempt, name="exempt"),
    path("misspelled/", views.exempd, name="misspelled"),
]
