"""What billing adds to the pages: how accounts stand and pay, statements, PDFs, settings, and what customers see."""

from django.urls import path

from . import boxes, customers, papers, settings

__all__ = ["boxes", "customers", "urlpatterns"]

urlpatterns = [
    path("invoices/<uuid:record_id>/pdf", papers.invoice),
    path("accounts/<uuid:record_id>/statement", papers.statement),
    path("accounts/<uuid:record_id>/statement.pdf", papers.statement_pdf),
    path("settings/billing", settings.change),
]
