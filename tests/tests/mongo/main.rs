//! History in a real mongod: fed from the embedded store through every kind of outage, and asked.

mod asked;
mod fed;
mod outage;
mod reached;
mod site;
