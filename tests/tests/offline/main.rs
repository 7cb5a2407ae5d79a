//! `up watch` when our own network fails or is replaced. References are on the loopback, or in a
//! network namespace that loses its routes, its resolver and its hosts. The last case is sleep.

#![cfg(target_os = "linux")]

mod namespace;
mod network;
mod reference;
mod sleep;

use serde_json::Value;
use up_tests::up::Up;

/// The samples of a path in the embedded history, read without a configuration.
fn samples(up: &Up, path: &str) -> Vec<Value> {
    let mut reader = Up::new();
    let data = up.data();
    reader.env(
        "UP_DATA_DIR",
        data.to_str().expect("a temporary path is UTF-8"),
    );
    let text = reader.run(["history", path, "--json"]).out;
    let document: Value = serde_json::from_str(&text).expect("JSON");
    document["samples"].as_array().expect("samples").clone()
}

/// How many samples of a path are down.
fn downs(up: &Up, path: &str) -> usize {
    let down = |sample: &&Value| sample["status"].as_f64() == Some(0.0);
    samples(up, path).iter().filter(down).count()
}
