"""The OpenAPI document: what it says of each route, field and refusal, and its page."""
