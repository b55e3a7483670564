"""Shared browsers at a counter or till: stations, the shifts opened there, badges."""
