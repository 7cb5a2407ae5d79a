//! Shared by the tests of this suite: agents, a viewer, and a separate client of the database.

use std::time::{SystemTime, UNIX_EPOCH};

use bson::Document;
use mongodb::{Client, Database};
use serde_json::Value as Json;
use up_tests::up::{RunningUp, Up};

pub(crate) fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

/// An agent with two sources, one of which is up while the file `flag` is there.
pub(crate) fn agent(uri: &str, name: &str) -> (Up, RunningUp) {
    let up = Up::with(format!(
        r#"name = "Site"
        agent = {name:?}
        interval = "1s"
        [alert]
        retry = "1s"
        [[source]]
        type = "command"
        name = "steady"
        command = ["true"]
        [[source]]
        type = "command"
        name = "flag"
        command = ["sh", "-c", "test -e flag || exit 2"]
        [[sink]]
        type = "mongo"
        uri = {uri:?}
        [[sink]]
        type = "stdout"
        "#
    ));
    up.write("flag", "");
    let running = up.start(["watch"]);
    (up, running)
}

pub(crate) fn viewer(uri: &str, more: &str) -> Up {
    Up::with(format!(
        r#"name = "Desk"
        agent = "viewer"
        interval = "1s"
        [alert]
        retry = "1s"
        [[source]]
        type = "mongo"
        name = "Fleet"
        uri = {uri:?}
        [[sink]]
        type = "stdout"
        {more}"#
    ))
}

/// The word of the node at a path, from a one-shot check.
pub(crate) fn word(up: &Up, path: &str) -> Option<String> {
    fn find(node: &Json, path: &str) -> Option<String> {
        if node["path"] == path {
            return node["word"].as_str().map(str::to_owned);
        }
        node["children"]
            .as_array()?
            .iter()
            .find_map(|child| find(child, path))
    }
    let out = up.run(["--json"]).out;
    find(&serde_json::from_str::<Json>(&out).ok()?["root"], path)
}

pub(crate) async fn database(uri: &str) -> Database {
    let client = Client::with_uri_str(uri).await.expect("a URI");
    client.database("up")
}

pub(crate) async fn insert(database: &Database, collection: &str, documents: Vec<Document>) {
    let collection = database.collection::<Document>(collection);
    collection.insert_many(documents).await.expect("written");
}
