//! The history in a real mongod: replicated from the embedded store through every kind of outage,
//! and read.

mod again;
mod alike;
mod answers;
mod asked;
mod by_agent;
mod fed;
mod foreign;
mod kept;
mod long_incidents;
mod many_paths;
mod notes;
mod outage;
mod percentiles;
mod reached;
mod rolled;
mod site;
mod under_way;
mod users;
