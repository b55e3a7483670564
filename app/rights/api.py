"""What a person asks of all that is known about them."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, Response, send_file

from app.context import db_session, now, services
from app.limits import limited
from app.openapi import streams
from app.reporting.access.slices import own_slice
from app.rights.consent_receipts import receipt
from app.rights.export import export
from app.security import principal, requires

blueprint = Blueprint("rights_api", __name__, url_prefix="/api/v1/me")


@blueprint.get("/export.zip")
@requires()
@limited("export", quota=10, window=3600)
@streams("application/zip")
def download() -> Response:
    """Everything that Civis holds about this person, as JSON and CSV with a manifest."""
    at = now()
    archive = export(db_session(), principal().person_id, at)
    name = f"civis-{at.date().isoformat()}.zip"
    answer = send_file(archive, "application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/accesses/proof.json")
@requires()
@limited("log-slice", quota=10, window=3600)
@streams("application/json")
def download_looks() -> Response:
    """Who looked at this person's data, with the ways up to the daily roots on the chain.

    `civis verify` checks it. Whoever is shown the file reads the entries.
    """
    found = own_slice(db_session(), principal().person_id, services().settings.deployment_file)
    name = f"civis-looks-{now().date().isoformat()}.json"
    header = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(json.dumps(found, indent=1), mimetype="application/json", headers=header)


@blueprint.get("/consents/<uuid:consent_id>/receipt")
@requires()
@streams("application/jose")
def download_receipt(consent_id: UUID) -> Response:
    """The signed record of one's own consent (ISO/IEC TS 27560), a compact JWS (RFC 7515).

    Its key stands at `/.well-known/jwks.json`: Ed25519, never another algorithm.
    """
    own, known = principal().person_id, services().settings
    signed = receipt(db_session(), consent_id, own, known, now())
    header = {
        "Content-Disposition": f"attachment; filename=civis-consent-{consent_id}.jws",
        "Cache-Control": "no-store",
    }
    return Response(signed, mimetype="application/jose", headers=header)
