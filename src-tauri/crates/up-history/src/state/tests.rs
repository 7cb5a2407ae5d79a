//! What a state keeps, and what becomes of one that cannot be read.
