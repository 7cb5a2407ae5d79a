//! The dependency graph in the output of `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// The parts of the graph that the tests need.
pub(crate) struct Workspace {
    metadata: Metadata,
    /// Each of our packages, with all packages in its `[dependencies]` and `[build-dependencies]`,
    /// on any platform.
    pub(crate) named: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    pub(crate) fn read() -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(crate::root().join("Cargo.toml"))
            .other_options(vec!["--locked".into()])
            .exec()
            .expect("cargo metadata, which may have to download other platforms' crates");
        let named = metadata.workspace_packages().into_iter().map(|package| {
            let built = package.dependencies.iter();
            let built = built.filter(|d| d.kind != DependencyKind::Development);
            (
                package.name.to_string(),
                built.map(|d| d.name.clone()).collect(),
            )
        });
        Self {
            named: named.collect(),
            metadata,
        }
    }

    /// All packages below one of ours, through normal dependencies, with one path to each.
    pub(crate) fn beneath(&self, name: &str) -> BTreeMap<String, String> {
        let resolve = self
            .metadata
            .resolve
            .as_ref()
            .expect("the graph is resolved");
        let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
        let start = self
            .metadata
            .workspace_packages()
            .into_iter()
            .find(|p| p.name == name);
        let start = &start.expect("it is one of ours").id;
        let mut ways: BTreeMap<&PackageId, String> = [(start, name.to_owned())].into();
        let mut next = vec![start];
        while let Some(id) = next.pop() {
            for dependency in &nodes[id].deps {
                let normal = dependency
                    .dep_kinds
                    .iter()
                    .any(|k| k.kind == DependencyKind::Normal);
                if !normal || ways.contains_key(&dependency.pkg) {
                    continue;
                }
                let way = format!("{} → {}", ways[id], self.name(&dependency.pkg));
                ways.insert(&dependency.pkg, way);
                next.push(&dependency.pkg);
            }
        }
        ways.remove(start);
        ways.into_iter()
            .map(|(id, way)| (self.name(id), way))
            .collect()
    }

    /// The manifests of our packages.
    pub(crate) fn manifests(&self) -> Vec<PathBuf> {
        let packages = self.metadata.workspace_packages().into_iter();
        packages
            .map(|package| package.manifest_path.clone().into())
            .collect()
    }

    fn name(&self, id: &PackageId) -> String {
        self.metadata[id].name.to_string()
    }
}
