//! What is generated from the types that read up.toml is what stands in `config/`.

use std::path::Path;

/// `cargo xtask codegen` sets this to write instead of compare.
const WRITE: &str = "UP_CODEGEN";

fn check(name: &str, fresh: &str) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../config")
        .join(name);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&kept, fresh).expect("a generated file can be written");
    }
    let there = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        there == fresh,
        "config/{name} is stale: cargo xtask codegen"
    );
}

#[test]
fn the_schema_is_fresh() {
    check("up.schema.json", &up_config::schema());
}

#[test]
fn the_reference_is_fresh() {
    check("REFERENCE.md", &up_config::reference());
}
