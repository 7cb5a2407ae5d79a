//! The bindings of the panel are those of the types.

use std::path::Path;

use ts_rs::{Config, TS};

use super::*;

/// The environment variable with which `cargo xtask codegen` makes this test write the bindings
/// instead of comparing them.
const WRITE: &str = "UP_CODEGEN";

#[test]
fn the_panels_bindings_are_those_of_these_types() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/wire/bindings");
    let fresh = tempfile::tempdir().expect("a temporary directory");
    let config = Config::new().with_out_dir(fresh.path());
    PanelRequest::export_all(&config).expect("requests are exported");
    PanelResponse::export_all(&config).expect("answers are exported");
    PanelEvent::export_all(&config).expect("events are exported");
    if std::env::var_os(WRITE).is_some() {
        let _ = std::fs::remove_dir_all(&kept);
        std::fs::create_dir_all(&kept).expect("the folder can be made");
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(fresh.path()).expect("the fresh bindings") {
        let entry = entry.expect("an entry");
        let text = std::fs::read_to_string(entry.path()).expect("a binding");
        let target = kept.join(entry.file_name());
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&target, &text).expect("a binding can be written");
        }
        let there = std::fs::read_to_string(&target).unwrap_or_default();
        assert_eq!(
            there,
            text,
            "{} is stale: cargo xtask codegen",
            target.display()
        );
        names.push(entry.file_name());
    }
    for entry in std::fs::read_dir(&kept).expect("the kept bindings") {
        let name = entry.expect("an entry").file_name();
        assert!(
            names.contains(&name),
            "{name:?} is of no type any more: cargo xtask codegen"
        );
    }
}
