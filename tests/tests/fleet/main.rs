//! `type = "mongo"` and `up agents`: several agents write to a real mongod, and another Up shows all
//! of them in one tree.

mod announced;
mod documents;
mod history;
mod site;
mod story;
