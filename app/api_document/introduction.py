"""What the document says before its first operation."""

from __future__ import annotations

from app.identity.sign_in import LIFETIME

INTRODUCTION = (
    "Amounts are integers in cents, times RFC 3339 in UTC, ids UUIDs. A `quantity` is a whole"
    " number of the action type's smallest `unit` (GET /api/v1/catalogue): 3 km by bike are 3000."
    " Writes need an `Idempotency-Key`: the same key and body get the same answer. Polled reads"
    " answer with an `ETag`; sent back as `If-None-Match` it gets 304. Limited requests answer with"
    " `RateLimit` and `RateLimit-Policy`, and 429 with `Retry-After`. Refusals are"
    " application/problem+json; their `code`s are listed in ProblemCode and never change meaning."
    " `Accept-Language: fr` or `en` chooses the words."
)
TOKEN = (
    "From POST /api/v1/sign-in/token, as `Authorization: Bearer …`."
    f" It lasts {LIFETIME['api'].days} days, or until POST /api/v1/sign-out;"
    " a device's own token lasts until it is replaced or ended. 401: sign in again."
)
TAGS = {
    "identity": "Signing in, oneself, organisations.",
    "actions": "Deeds, attestations, devices, partners' files, reviews.",
    "rewards": "Programmes, their rules and money, balances.",
    "payments": "Tills, payments, refunds, shops, pay-outs, bank files.",
    "governance": "Decisions that take two people.",
    "privacy": "Consents and who read what.",
    "reporting": "Public figures and the catalogue.",
    "health": "Whether the service answers.",
}
