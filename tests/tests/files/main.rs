//! Files that change, that cannot be read, that belong to others, and those that Up creates.

#![cfg(unix)]

mod blocked;
mod found;
mod made;
mod reload;
mod rotated;
