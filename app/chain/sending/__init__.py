"""From an outbox row to a final outcome: signed, kept, sent, confirmed, or given up in order."""
