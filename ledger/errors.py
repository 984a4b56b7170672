"""What goes wrong with the books as a whole. A refused group is a value, not an error: see `model`."""


class BooksError(Exception):
    """The books cannot be opened or served; one line says why."""


class OutcomeUnknownError(Exception):
    """COMMIT failed in a way that leaves its outcome to the next start."""
