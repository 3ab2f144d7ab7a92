from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.spreadsheets import files, queries, services
from catalog.spreadsheets.decoding import UnreadableSheet
from catalog.spreadsheets.exports import export_key
from catalog.spreadsheets.forms import ImportForm
from catalog.spreadsheets.presentation import ImportRow, is_stalled, present
from catalog.spreadsheets.reports import report_key
from cloudcart.errors import StorefrontError
from cloudcart.publishing import PublishFailed
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site

MAY_IMPORT = "catalog.add_product"
_LATER = "The worker cannot be reached at the moment. Choose “Go on” in a minute."


@site.page(
    "catalog/import/",
    name="catalog-import",
    title="Import and export",
    permission=MAY_IMPORT,
    section="Catalog",
    icon="upload_file",
)
@require_http_methods(["GET", "POST"])
def catalog_import(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        started = _start(request, form)
        if started is not None:
            return started
    context = {"form": form, "rows": [ImportRow(job) for job in queries.list_imports()]}
    status = 422 if form.is_bound else 200
    return site.render(request, "admin/spreadsheets/imports.html", context, title="Import and export", status=status)


def _start(request: HttpRequest, form: ImportForm) -> HttpResponseRedirect | None:
    import_id, file = uuid4().hex, form.cleaned_data["file"]
    try:
        services.start_import(
            import_id=import_id,
            body=file.read(),
            file_name=file.name,
            created_by=staff_user(request).email,
            takes_stock=form.cleaned_data["takes_stock"],
            now=timezone.now(),
        )
    except UnreadableSheet as error:
        form.add_error("file", str(error))
        return None
    except PublishFailed:
        messages.warning(request, _LATER)
    return redirect("admin:catalog-import-detail", import_id=import_id)


@site.page("catalog/import/<str:import_id>/", name="catalog-import-detail", title="Import", permission=MAY_IMPORT)
@require_GET
def catalog_import_detail(request: HttpRequest, import_id: str) -> HttpResponse:
    job = queries.get_import(import_id)
    start = request.GET.get("start", "")
    page = present(
        job,
        outcome=request.GET.get("list", ""),
        start=int(start) if start.isdecimal() and len(start) < 9 else 0,
        now=timezone.now(),
    )
    template = "_import.html" if request.headers.get("HX-Request") else "import.html"
    response = site.render(
        request, f"admin/spreadsheets/{template}", {"page": page, "job": job}, title=f"Import of {job.file_name}"
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


@site.page("catalog/import/<str:import_id>/confirm/", name="catalog-import-confirm", title="", permission=MAY_IMPORT)
@require_POST
def catalog_import_confirm(request: HttpRequest, import_id: str) -> HttpResponse:
    try:
        services.confirm_import(import_id=import_id, now=timezone.now())
    except PublishFailed:
        messages.warning(request, _LATER)
    except StorefrontError as error:
        messages.warning(request, str(error))
    return redirect("admin:catalog-import-detail", import_id=import_id)


@site.page("catalog/import/<str:import_id>/cancel/", name="catalog-import-cancel", title="", permission=MAY_IMPORT)
@require_POST
def catalog_import_cancel(request: HttpRequest, import_id: str) -> HttpResponse:
    try:
        services.cancel_import(import_id=import_id, now=timezone.now())
    except StorefrontError as error:
        messages.warning(request, str(error))
    return redirect("admin:catalog-import-detail", import_id=import_id)


@site.page("catalog/import/<str:import_id>/resume/", name="catalog-import-resume", title="", permission=MAY_IMPORT)
@require_POST
def catalog_import_resume(request: HttpRequest, import_id: str) -> HttpResponse:
    try:
        services.resume_import(import_id=queries.get_import(import_id).import_id)
    except PublishFailed:
        messages.warning(request, _LATER)
    return redirect("admin:catalog-import-detail", import_id=import_id)


@site.page("catalog/import/<str:import_id>/report/", name="catalog-import-report", title="", permission=MAY_IMPORT)
@require_GET
def catalog_import_report(request: HttpRequest, import_id: str) -> HttpResponse:
    job = queries.get_import(import_id)
    return redirect(files.link_to(report_key(job), file_name=f"import-report-{job.created_at:%Y-%m-%d}.csv"))


@site.page("catalog/export/", name="catalog-export", title="", permission="catalog.change_product")
@require_POST
def catalog_export(request: HttpRequest) -> HttpResponse:
    export_id = uuid4().hex
    try:
        services.start_export(export_id=export_id, created_by=staff_user(request).email, now=timezone.now())
    except PublishFailed:
        messages.warning(request, _LATER)
    return redirect("admin:catalog-export-detail", export_id=export_id)


@site.page(
    "catalog/export/<str:export_id>/", name="catalog-export-detail", title="Export", permission="catalog.change_product"
)
@require_http_methods(["GET", "POST"])
def catalog_export_detail(request: HttpRequest, export_id: str) -> HttpResponse:
    job = queries.get_export(export_id)
    if request.method == "POST":
        services.resume_export(export_id=export_id)
        return redirect("admin:catalog-export-detail", export_id=export_id)
    template = "_export.html" if request.headers.get("HX-Request") else "export.html"
    stalled = is_stalled(is_running=not job.is_done, updated_at=job.updated_at, now=timezone.now())
    context = {"job": job, "is_stalled": stalled}
    response = site.render(request, f"admin/spreadsheets/{template}", context, title="Export of all products")
    patch_vary_headers(response, ["HX-Request"])
    return response


@site.page(
    "catalog/export/<str:export_id>/file/", name="catalog-export-file", title="", permission="catalog.change_product"
)
@require_GET
def catalog_export_file(request: HttpRequest, export_id: str) -> HttpResponse:
    job = queries.get_export(export_id)
    return redirect(files.link_to(export_key(export_id), file_name=f"products-{job.created_at:%Y-%m-%d}.csv"))
