"""Tables of a history, and how those of earlier versions become these."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)

METADATA = MetaData()
VERSION = Table("tinykit_history", METADATA, Column("schema", Integer, nullable=False))
"""One row: the number of the tables' schema."""
RUNS = Table(
    "tinykit_runs",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("at", "result", "model", "board", "place", "engine", "tinykit")),
    *(Column(name, Text) for name in ("model_sha256", "build_id", "compiler", "flags", "commit")),
    Column("dirty", Boolean, nullable=False),
    Column("host", Text, nullable=False),
    *(Column(name, Text) for name in ("unit", "source", "metric", "data_sha256", "outputs_sha256")),
    Column("samples", BigInteger),
    *(Column(name, Double) for name in ("latency", "flash", "arena", "ram", "stack", "accuracy", "energy")),
    Column("energy_sync", Text),
    Column("why", Text, nullable=False),
    # zlib of the report's JSON
    Column("report", LargeBinary),
    Index("tinykit_runs_of_a_series", "model", "place", "at"),
)
"""One row for each test; columns are the fields of ``Run``."""

Migration = Callable[[Connection], None]


def _add_energy(connection: Connection) -> None:
    """Schema 2: energy that a meter measured."""
    for column in (RUNS.c.energy, RUNS.c.energy_sync):
        kind = column.type.compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {RUNS.name} ADD COLUMN {column.name} {kind}"))


MIGRATIONS: tuple[Migration, ...] = (_add_energy,)
"""The first makes tables of schema 1 into those of schema 2, and so on; a new database gets the newest at once."""

_LOCK = 7_405_926_131_882_040_576
"""Number of the PostgreSQL advisory lock under which tables are made: any that nobody else takes."""


def newest() -> int:
    """The schema of this tinykit."""
    return 1 + len(MIGRATIONS)


def found(connection: Connection) -> int | None:
    """The schema of a database's tables; None if it has none of ours.

    Raises:
        ValueError: the tables do not say.
    """
    if not inspect(connection).has_table(VERSION.name):
        return None
    versions = connection.execute(select(VERSION.c.schema)).scalars().all()
    if len(versions) != 1 or not isinstance(versions[0], int) or versions[0] < 1:
        raise ValueError(f"table {VERSION.name} does not say which schema this is")
    return versions[0]


def others(connection: Connection) -> list[str]:
    """Tables in the database."""
    return inspect(connection).get_table_names()


def try_to_write(connection: Connection) -> None:
    """Write something that changes nothing."""
    connection.execute(update(VERSION).values(schema=VERSION.c.schema))


def bring_up_to_date(connection: Connection) -> None:
    """Make the tables, or make those of an earlier schema into these: all in the transaction that is under way."""
    if connection.dialect.name == "postgresql":  # SQLite's transaction is exclusive
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    schema = found(connection)
    if schema is None:
        METADATA.create_all(connection)
        connection.execute(insert(VERSION).values(schema=newest()))
        return
    for number in range(schema, newest()):
        MIGRATIONS[number - 1](connection)
        connection.execute(update(VERSION).values(schema=number + 1))
