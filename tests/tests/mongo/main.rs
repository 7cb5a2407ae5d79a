//! The history in a real mongod: replicated from the embedded store through every kind of outage,
//! and read.

mod alike;
mod asked;
mod fed;
mod kept;
mod outage;
mod reached;
mod rolled;
mod site;
