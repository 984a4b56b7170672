"""The tables, as a numbered list of migrations applied when the books are opened.

Rule: a migration that was released is never edited; the next one changes what it did. Keys are what neighbours in time
share (16-byte ids that begin with the time), so that a commit touches few pages; WITHOUT ROWID keeps a row in its key's
tree. The only secondary indexes are partial or narrow: an index on the accounts of `transfers` would halve the rate, so
each transfer instead names the one before it of either account (`debit_previous`, `credit_previous`).
"""

from __future__ import annotations

from ledger.sqlite_tools import Database, Migrations

migrations = Migrations("books")

# The tables that the journal makes, and what tells their rows apart.
KEYS = {
    "accounts": ("name",),
    "transfers": ("id",),
    "payments": ("id",),
    "claims": ("key",),
    "usages": ("scope", "day"),
    "advices": ("payment", "kind"),
    "days": ("day",),
    "totals": ("day", "heading", "currency"),
    "registers": ("register", "key"),
}


class WrongSchema(Exception):  # noqa: N818 - what is wrong is not this program
    """The file is not books, or not of this program's version."""


def bring_up_to_date(db: Database) -> None:
    _refuse_newer(db)
    migrations.apply(db)


def check(db: Database) -> None:
    """For a reader, which may not migrate."""
    _refuse_newer(db)
    if migrations.pending(db):
        raise WrongSchema("not books, or of an older version: serve them once to bring them up to date")


def _refuse_newer(db: Database) -> None:
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    unknown = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if unknown:
        raise WrongSchema(f"written by a newer version ({', '.join(unknown)})")


@migrations(name="0001_books")
def create_books(db: Database) -> None:
    for statement in _BOOKS:
        db.execute(statement)
    for name, select in _VIEWS.items():
        db.create_view(name, select)


@migrations(name="0002_what_waits_for_people")
def index_what_waits(db: Database) -> None:
    """A few rows among millions, that an operator lists: whatever state its owner calls so."""
    db.execute("CREATE INDEX payments_disputed ON payments (id) WHERE state = 'DISPUTED'")
    db.execute("CREATE INDEX advices_quarantined ON advices (payment) WHERE state = 'quarantined'")


@migrations(name="0003_tables_follow_the_journal")
def mark_how_far(db: Database) -> None:
    """How far the tables are: until now each entry of the journal was written together with its rows. How far it was
    moved to an archive, and the hash there. And an index for what is asked of every claim, whether a repeat had its
    alias: few had."""
    db.execute(
        "CREATE TABLE marks (name TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, hash BLOB) WITHOUT ROWID"
    )
    db.execute("INSERT INTO marks SELECT 'tables', coalesce(max(sequence), 0), NULL FROM journal")
    db.execute("INSERT INTO marks VALUES ('archived', 0, zeroblob(32))")
    db.execute("CREATE INDEX claims_of_repeats ON claims (alias) WHERE repeat")


@migrations(name="0004_the_banks_day")
def add_days_totals_and_registers(db: Database) -> None:
    """When a day opened and closed, what was posted in it by heading, and what else is kept in the books."""
    db.execute("ALTER TABLE transfers ADD COLUMN heading TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE days ADD COLUMN opened_at REAL NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE days ADD COLUMN closed_at REAL")
    db.execute("""CREATE TABLE totals (
        day TEXT NOT NULL,
        heading TEXT NOT NULL,
        currency TEXT NOT NULL,
        posted_minor INTEGER NOT NULL,
        posted INTEGER NOT NULL,
        back_minor INTEGER NOT NULL,
        back INTEGER NOT NULL,
        PRIMARY KEY (day, heading, currency)
    ) WITHOUT ROWID""")
    db.execute("""CREATE TABLE registers (
        register TEXT NOT NULL,
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (register, key)
    ) WITHOUT ROWID""")


# For exploring, with `sqlite-utils` or any other client.
_VIEWS = {
    "balances": """SELECT name, currency, credits_posted - debits_posted AS balance_minor,
        credits_posted - debits_posted - debits_pending AS available_minor, debits_pending, credits_pending
        FROM accounts ORDER BY name""",
    "entries": """SELECT debit AS account, 'D' AS direction, credit AS other, amount_minor, currency, kind, day,
            hex(id) AS id, hex(payment) AS payment, memo, batch FROM transfers
        UNION ALL SELECT credit, 'C', debit, amount_minor, currency, kind, day, hex(id), hex(payment), memo, batch
        FROM transfers""",
    "open_payments": """SELECT hex(id) AS id, state, service, day, next_at, version FROM payments
        WHERE next_at IS NOT NULL ORDER BY next_at""",
}

_BOOKS = (
    """CREATE TABLE accounts (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        currency TEXT NOT NULL,
        debits_pending INTEGER NOT NULL,
        debits_posted INTEGER NOT NULL,
        credits_pending INTEGER NOT NULL,
        credits_posted INTEGER NOT NULL,
        covered INTEGER NOT NULL,
        last BLOB
    )""",
    """CREATE TABLE transfers (
        id BLOB NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        debit TEXT NOT NULL,
        credit TEXT NOT NULL,
        amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        day TEXT NOT NULL,
        original BLOB,
        payment BLOB,
        memo TEXT NOT NULL,
        batch INTEGER NOT NULL,
        debit_previous BLOB,
        credit_previous BLOB
    ) WITHOUT ROWID""",
    "CREATE INDEX transfers_by_original ON transfers (original) WHERE original IS NOT NULL",
    """CREATE TABLE payments (
        id BLOB NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        service TEXT NOT NULL,
        day TEXT NOT NULL,
        next_at REAL,
        record BLOB NOT NULL,
        group_id BLOB NOT NULL,
        batch INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX payments_open ON payments (next_at) WHERE next_at IS NOT NULL",
    """CREATE TABLE claims (
        key TEXT NOT NULL PRIMARY KEY,
        alias TEXT,
        content BLOB NOT NULL,
        role TEXT NOT NULL,
        repeat INTEGER NOT NULL,
        payment BLOB NOT NULL,
        batch INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX claims_by_alias ON claims (alias) WHERE alias IS NOT NULL",
    """CREATE TABLE usages (
        scope TEXT NOT NULL,
        day TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (scope, day)
    ) WITHOUT ROWID""",
    """CREATE TABLE advices (
        payment BLOB NOT NULL,
        kind TEXT NOT NULL,
        destination TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_at REAL,
        state TEXT NOT NULL,
        PRIMARY KEY (payment, kind)
    ) WITHOUT ROWID""",
    "CREATE INDEX advices_open ON advices (next_at) WHERE next_at IS NOT NULL",
    "CREATE TABLE days (day TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE journal (
        sequence INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        hash BLOB NOT NULL
    )""",
)
