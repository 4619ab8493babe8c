"""Random attention cases, a NumPy oracle, and the comparison of posenc with it."""
