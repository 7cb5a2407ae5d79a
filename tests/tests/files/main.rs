//! Files that change, that do not come, that are somebody else's, and those that Up makes.

#![cfg(unix)]

mod blocked;
mod found;
mod made;
mod reload;
mod rotated;
