"""Campaigns of elsewhere as plain facts: turned into rule sets by one converter, and tried.

The converter knows the format and no campaign. It keeps the source's ways: limits in turn,
amounts that may be negative, counters by days in UTC.
"""
