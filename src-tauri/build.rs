//! Embeds the panel and what it may do.

fn main() {
    // Named, so that only a window whose capability says so may use it.
    let manifest = tauri_build::AppManifest::new().commands(&["request"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        // Cargo shows what a build script says on its way out.
        println!("cargo::error=up-tray: {error:#}");
    }
}
