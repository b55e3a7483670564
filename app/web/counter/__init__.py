"""The city's counter: an officer acts for whoever stands there."""
