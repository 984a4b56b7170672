"""What goes wrong with the books as a whole. A refused group is a value, not an error: see `model`."""

import msgspec

# What decoding bytes can raise that are not what they should be: msgspec lets that of text pass as it is.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


class BooksError(Exception):
    """The books cannot be opened or served; one line says why."""


class OutcomeUnknownError(Exception):
    """COMMIT failed in a way that leaves its outcome to the next start."""
