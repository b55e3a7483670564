"""What a person may ask of everything that is known about them."""
