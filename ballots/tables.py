"""The ballot box in PostgreSQL 15 and later: no key to people, no time of casting, no sequence.

The migrations make the tables and triggers that keep what no programme may break, ours included; a refusal is an
integrity error with a sentence for the log.
"""

import sqlalchemy as sa

metadata = sa.MetaData(schema="box")

round_ = sa.Table(
    "round",
    metadata,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("envelope_bytes", sa.Integer, nullable=False),
    sa.Column("rules_sha256", sa.LargeBinary, nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("octet_length(public_key) = 32", name="round_public_key"),
    sa.CheckConstraint("fingerprint = encode(sha256(public_key), 'hex')", name="round_fingerprint"),
    sa.CheckConstraint("octet_length(rules_sha256) = 32", name="round_rules_sha256"),
    sa.CheckConstraint("envelope_bytes > 48", name="round_envelope_bytes"),
    sa.CheckConstraint("closes_at > opens_at", name="round_closes_after_it_opens"),
)

envelope = sa.Table(
    "envelope",
    metadata,
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), primary_key=True),
    sa.Column("box_ref", sa.LargeBinary, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("submission", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("octet_length(box_ref) = 32", name="envelope_box_ref"),
    sa.CheckConstraint("channel IN ('web', 'code', 'paper')", name="envelope_channel"),
    sa.CheckConstraint("leaf = sha256(decode('00', 'hex') || uuid_send(round_id) || ciphertext)", name="envelope_leaf"),
    sa.CheckConstraint("version >= 1", name="envelope_version"),
)

opened = sa.Table(  # one row for each paper of each ballot; `id` counts from 1 in the order of the codes
    "opened",
    metadata,
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.Text, nullable=False, index=True),
    sa.Column("allocation", sa.Integer, nullable=False),
    sa.Column("choices", sa.ARRAY(sa.Integer), nullable=False),
)

void = sa.Table(  # envelopes that are in the box and not counted
    "void",
    metadata,
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), primary_key=True),
    sa.Column("leaf", sa.LargeBinary, primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
)

queue = sa.Table(  # names of envelopes that wait for the log, in no order
    "queue",
    metadata,
    sa.Column("leaf", sa.LargeBinary, primary_key=True),
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), nullable=False, index=True),
)

log = sa.Table(  # every envelope that was ever cast, by name; the order says nothing about when
    "log",
    metadata,
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), primary_key=True),
    sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False, unique=True),
    sa.CheckConstraint("octet_length(leaf) = 32", name="log_leaf"),
)

tree_head = sa.Table(  # `peaks`: the full subtrees' roots, 32 bytes each, to grow the tree from
    "tree_head",
    metadata,
    sa.Column("round_id", sa.ForeignKey(round_.c.round_id), primary_key=True),
    sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("peaks", sa.LargeBinary, nullable=False),
)
