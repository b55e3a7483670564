"""The pages over all of it. They call the same use cases as the API and hold no rule."""
