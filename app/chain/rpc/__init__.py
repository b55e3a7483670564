"""Nodes over JSON-RPC: what is asked of them, and what their answers and refusals mean."""
