"""What rules name and don't hold: calendars, zones and numbers, in dated versions."""
