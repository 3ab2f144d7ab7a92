"""What staff does to an order: each act one service call, noted in the audit table, told in a sentence."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cloudcart.dynamo_admin.audit import Note
from cloudcart.errors import StorefrontError
from cloudcart.money import format_amount
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site
from orders import cancellation, fulfillment, mails, publishing, queries, reconcile, refunds, returns, services
from orders.admin_forms import AnswerForm, NoteForm, ReasonForm, RefundForm, ShipForm
from orders.admin_models import Order as AdminOrder
from orders.invoices import archive
from orders.invoices import queries as invoice_queries
from orders.invoices.queries import InvoiceNotFound
from orders.models import Order
from orders.status import PaymentStatus

Act = Callable[[HttpRequest, str], str]


def order_url(number: str) -> str:
    return reverse("admin:orders_order_change", args=[number])


def act(name: str, title: str) -> Callable[[Act], Act]:
    """Register an act as ``POST /admin/orders/<number>/<name>/``; it gives the sentence that tells what was done."""

    def register(function: Act) -> Act:
        @require_POST
        def view(request: HttpRequest, number: str) -> HttpResponse:
            try:
                done = function(request, number)
            except StorefrontError as error:
                messages.error(request, str(error))
            else:
                log(request, number, done)
                messages.success(request, done)
            return HttpResponseRedirect(order_url(number))

        site.page(f"orders/<str:number>/{name}/", name=f"order-{name}", title=title, permission="orders.change_order")(
            view
        )
        return function

    return register


def log(request: HttpRequest, number: str, sentence: str) -> None:
    """Note in the audit table who did it."""
    note = Note(staff_user(request), CHANGE, sentence)
    note.entry_for(AdminOrder(number=number)).save()


@act("confirm", "Confirm")
def confirm(request: HttpRequest, number: str) -> str:
    services.confirm_order(number=number, now=timezone.now())
    reconcile.publish_if_due(queries.get_order(number), publishing.publish_order)
    return "The order is confirmed."


@act("cancel", "Cancel")
def cancel(request: HttpRequest, number: str) -> str:
    reason = _read(ReasonForm(request.POST))["reason"]
    cancellation.cancel_order(number=number, reason=reason, now=timezone.now())
    return "The order is canceled and its goods are on sale again. What was paid goes back."


@act("note", "Note")
def note(request: HttpRequest, number: str) -> str:
    text = _read(NoteForm(request.POST))["text"]
    fulfillment.add_note(number=number, text=text, author=staff_user(request).get_full_name(), now=timezone.now())
    return "The note is kept."


@act("mail", "Send a mail again")
def mail(request: HttpRequest, number: str) -> str:
    mails.ask_again(number=number, effect=request.POST.get("effect", ""))
    return "The mail is on its way once more."


@act("reconcile", "Look at the payment")
def look_at_payment(request: HttpRequest, number: str) -> str:
    order = reconcile.reconcile(number=number, now=timezone.now())
    return f"The payment provider says: {PaymentStatus(order.payment_status).label.lower()}."


@act("return-approve", "Approve a return")
def approve_return(request: HttpRequest, number: str) -> str:
    answer = _read(AnswerForm(request.POST))["answer"]
    returns.approve_return(number=number, return_id=_return_id(request), answer=answer, now=timezone.now())
    return "The return is approved, and the shopper is told."


@act("return-decline", "Decline a return")
def decline_return(request: HttpRequest, number: str) -> str:
    answer = _read(AnswerForm(request.POST))["answer"]
    returns.decline_return(number=number, return_id=_return_id(request), answer=answer, now=timezone.now())
    return "The return is declined, and the shopper is told."


@act("return-receive", "Receive a return")
def receive_return(request: HttpRequest, number: str) -> str:
    returns.receive_return(number=number, return_id=_return_id(request), now=timezone.now())
    return "The goods are back. Now refund them."


@act("return-refund", "Refund a return")
def refund_return(request: HttpRequest, number: str) -> str:
    is_restocked = "is_restocked" in request.POST
    refund = returns.refund_return(
        number=number, return_id=_return_id(request), is_restocked=is_restocked, now=timezone.now()
    )
    if refund.is_free:
        return "Nothing was left to pay back. The return is done, and the shopper is told."
    return f"{_amount(queries.get_order(number), refund.amount)} go back to the shopper."


@site.page("orders/<str:number>/ship/", name="order-ship", title="Ship", permission="orders.change_order")
@require_http_methods(["GET", "HEAD", "POST"])
def ship(request: HttpRequest, number: str) -> HttpResponse:
    def do(form: Any) -> str:
        fulfillment.ship_order(
            number=number,
            shipment_id=form.cleaned_data["intent"],
            carrier=form.cleaned_data["carrier"],
            tracking_number=form.cleaned_data["tracking_number"],
            lines=form.units,
            now=timezone.now(),
        )
        return "The parcel is noted, and the shopper gets a mail with its tracking."

    return _form_page(request, number, ShipForm, do, template="admin/orders/ship.html", title="Ship")


@site.page("orders/<str:number>/refund/", name="order-refund", title="Refund", permission="orders.change_order")
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, number: str) -> HttpResponse:
    def do(form: Any) -> str:
        done = refunds.request_refund(
            number=number,
            refund_id=form.cleaned_data["intent"],
            reason=form.cleaned_data["reason"],
            amount=form.cleaned_data["amount"],
            lines=form.units,
            is_restocked=form.cleaned_data["is_restocked"],
            now=timezone.now(),
        )
        return f"A refund of {_amount(queries.get_order(number), done.amount)} is on its way."

    return _form_page(request, number, RefundForm, do, template="admin/orders/refund.html", title="Refund")


@site.page("orders/<str:number>/slip/", name="order-slip", title="Packing slip", permission="orders.view_order")
@require_http_methods(["GET", "HEAD"])
def packing_slip(request: HttpRequest, number: str) -> HttpResponse:
    order = queries.get_order(number)
    shipment = order.find_shipment(request.GET.get("parcel", ""))
    quantities = (
        {line.sku: line.quantity for line in shipment.lines} if shipment else fulfillment.unshipped_quantities(order)
    )
    rows = [(line, quantities[line.sku]) for line in order.lines if quantities.get(line.sku)]
    context = {"order": order, "rows": rows, "shipment": shipment}
    return site.render(request, "admin/orders/packing_slip.html", context, title=f"Packing slip {number}")


@site.page("orders/<str:number>/document/", name="order-document", title="Invoice", permission="orders.view_order")
@require_http_methods(["GET", "HEAD"])
def document(request: HttpRequest, number: str) -> HttpResponse:
    order = queries.get_order(number)
    wanted = request.GET.get("number", "")
    if wanted not in invoice_queries.document_numbers(order):
        raise InvoiceNotFound(wanted)
    link = archive.make_link(invoice_queries.get_invoice(wanted), now=timezone.now())
    return HttpResponseRedirect(link.url)


def _form_page(
    request: HttpRequest, number: str, form_class: Any, do: Callable[[Any], str], *, template: str, title: str
) -> HttpResponse:
    order = queries.get_order(number)
    posted = request.POST if request.method == "POST" else None
    form = form_class(posted, order=order, initial={"intent": uuid4().hex})
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        try:
            done = do(form)
        except StorefrontError as error:
            # Somebody was faster, or it cannot be: told in words, with what was typed kept.
            form.add_error(None, str(error))
            status = HTTPStatus(error.status_code)
        else:
            log(request, number, done)
            messages.success(request, done)
            return HttpResponseRedirect(order_url(number))
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return site.render(
        request, template, {"order": order, "form": form}, title=f"{title} order {number}", status=status
    )


def _read(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise InvalidAct(next(iter(form.errors.values()))[0])
    cleaned: dict[str, Any] = form.cleaned_data
    return cleaned


class InvalidAct(StorefrontError):
    """What was typed for an act will not do; the sentence says why."""

    code = "invalid-act"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


def _return_id(request: HttpRequest) -> str:
    return request.POST.get("return_id", "")


def _amount(order: Order, amount: int) -> str:
    return format_amount(amount, order.currency)
