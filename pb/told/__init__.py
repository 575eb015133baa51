"""A count told in sentences, in the reader's language: what tally's trace and margins say, rule by rule."""
