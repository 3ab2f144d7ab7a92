from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cloudcart.local import mailbox
from cloudcart.local.problems import LocalProblem

# A mail is made for mail programs: styles in the text, pictures from anywhere, and nothing that runs.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["http:", "https:", "data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    recipient = request.GET.get("to", "").strip()
    try:
        mails = mailbox.list_mails(endpoint_url=settings.AWS_ENDPOINT_URL, recipient=recipient)
        problem = ""
    except LocalProblem as error:
        mails, problem = [], str(error)
    newest = mails[0].mail_id if mails else ""
    is_fragment = bool(request.headers.get("HX-Request"))
    if is_fragment and not problem and request.GET.get("newest") == newest:
        return HttpResponse(status=204)
    context = {"mails": mails, "recipient": recipient, "newest": newest, "problem": problem}
    return render(request, "local/mailbox.html#mail-list" if is_fragment else "local/mailbox.html", context)


@require_safe
@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # Typed for views of one argument.
def detail(request: HttpRequest, mail_id: str) -> HttpResponse:
    return render(request, "local/mail.html", {"mail": _get_mail(mail_id)})


@require_safe
@never_cache
@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]
def body(request: HttpRequest, mail_id: str) -> HttpResponse:
    # Its links open a window of their own: the shop's pages refuse to be shown in a frame.
    html = _get_mail(mail_id).html
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def _get_mail(mail_id: str) -> mailbox.Mail:
    try:
        mail = mailbox.find_mail(mail_id, endpoint_url=settings.AWS_ENDPOINT_URL)
    except LocalProblem as error:
        raise Http404(str(error)) from error
    if mail is None:
        raise Http404("There is no such mail.")
    return mail
