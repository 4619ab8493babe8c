"""The entries of the catalogue, a file per family; see ../catalogue.py."""
