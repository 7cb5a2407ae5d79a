//! Plans the tree of sources: makes an outline and probes of the tables.

mod kind;
mod position;

use std::num::NonZeroU32;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;
use up_core::{Kind, Node, NodeId, Outline};
use up_source::{Shared, SourceConfig};

use crate::depends::{self, Claim};
use crate::diagnostics::Diagnostics;
use crate::fingerprint::fingerprint;
use crate::keys::{CommonKeys, TreeKeys};
use crate::labels::{self, SourceLabels};
use crate::names::SiblingNames;
use crate::nesting::{Excess, MAX_TREES};
use crate::plan::{NetworkPlan, PlannedProbe, PlannedReferenceGroup, PlannedTree};
use crate::read::{Table, TableContext, tables};
use crate::reference_groups::ReferenceGroups;
use crate::schema;
use crate::secrets::{OPEN_SECRET, ReadSecrets, SecretReader};
use crate::settings::{Inherited, not_of_one_source};
use position::SourcePosition;

/// The keys of every source.
const COMMON: &[&str] = &[
    "type",
    "name",
    "interval",
    "timeout",
    "weight",
    "alert",
    "depends_on",
    "reference",
    "tags",
    "open",
];

/// The keys of a tree that are allowed at the top of the file, where they apply to the root.
const ROOT_TREE: [&str; 3] = ["parallel", "concurrency", "policy"];

/// The planned tree of sources.
#[derive(Default)]
pub(crate) struct Planned {
    pub(crate) outline: Outline,
    pub(crate) probes: Vec<PlannedProbe>,
    pub(crate) trees: Vec<PlannedTree>,
    pub(crate) reference_groups: Vec<PlannedReferenceGroup>,
    /// For each node of the outline, the byte at which its table begins.
    pub(crate) origins: Vec<usize>,
}

/// Plans the tree of one file.
pub(crate) struct Planner<'a, 't> {
    report: &'a mut Diagnostics<'t>,
    reader: &'a SecretReader,
    shared: Shared<'a>,
    planned: Planned,
    reference_groups: ReferenceGroups,
    claims: Vec<Claim>,
    /// True if other users can read the file, so that a secret in it deserves a warning.
    open_to_others: bool,
}

impl<'a, 't> Planner<'a, 't> {
    pub(crate) fn new(
        report: &'a mut Diagnostics<'t>,
        reader: &'a SecretReader,
        open_to_others: bool,
        network: &NetworkPlan,
    ) -> Self {
        let shared = Shared::new(reader);
        let mut reference_groups = ReferenceGroups::default();
        reference_groups.first(&network.reference, &shared);
        Self {
            report,
            reader,
            shared,
            planned: Planned::default(),
            reference_groups,
            claims: Vec::new(),
            open_to_others,
        }
    }

    pub(crate) fn finish(mut self) -> Planned {
        depends::resolve(self.report, &mut self.planned.outline, &self.claims);
        Planned {
            reference_groups: self.reference_groups.finish(),
            ..self.planned
        }
    }

    /// Plans the root: a tree with this name and the keys at the top of the file, or the only
    /// source. The file has a name if `top` has the key, even if its value is wrong.
    pub(crate) fn root(
        &mut self,
        name: Option<&str>,
        top: &Table<'t>,
        keys: &TreeKeys,
        sources: Option<Spanned<DeValue<'t>>>,
        inherited: &Inherited,
    ) {
        let named = top.keys.contains_key("name");
        let sources = self.tables(sources);
        let Some(sources) = sources.filter(|sources| !sources.is_empty()) else {
            if self.report.is_clean() {
                self.report.error(
                    0..0,
                    "this file has no source: there is nothing to watch",
                    Some(
                        "add a [[source]] with its type and keys; `up init example.toml` writes \
                         an example beside it"
                            .into(),
                    ),
                );
            }
            return;
        };
        if !named && sources.len() > 1 {
            self.report.error(
                sources[1].span.clone(),
                "several sources need a root that contains them, and this file has no name",
                Some("add name = \"…\" as the first line".into()),
            );
        }
        let parent = if named || sources.len() > 1 {
            let node = Node::new(Kind::TREE, name.unwrap_or(""));
            let labels = SourceLabels::default();
            Some(self.tree(None, node, (top, keys), sources.len(), (inherited, labels)))
        } else {
            for key in ROOT_TREE {
                if top.keys.contains_key(key) {
                    let message =
                        format!("`{key}` applies to a root with a name, and this file has none");
                    let help = "add name = \"…\" as the first line, or remove this key";
                    self.report.error(top.at(key), message, Some(help.into()));
                }
            }
            None
        };
        self.children(parent, sources, 1, inherited);
    }

    /// Plans a tree with this number of sources, by the keys of its table.
    fn tree(
        &mut self,
        parent: Option<NodeId>,
        mut node: Node,
        (table, keys): (&Table<'t>, &TreeKeys),
        sources: usize,
        (inherited, labels): (&Inherited, SourceLabels),
    ) -> NodeId {
        let at_once = keys.at_once();
        node.rules = inherited.rules;
        node.parallel = at_once != Some(NonZeroU32::MIN);
        node.policy = keys.policy.map_or(node.policy, Into::into);
        if let (Some(false), Some(2..)) = (keys.parallel, keys.concurrency.map(NonZeroU32::get)) {
            self.report.error(
                table.at("concurrency"),
                "`concurrency` allows several at once, but `parallel = false` only one",
                Some("remove one of them".into()),
            );
        }
        if let up_core::fold::Policy::AtLeast(number) = node.policy
            && number as usize > sources
        {
            self.report.error(
                table.at("policy"),
                format!(
                    "`at_least` is {number}, but this tree has {}: it could never be up",
                    match sources {
                        1 => "1 source".to_owned(),
                        count => format!("{count} sources"),
                    }
                ),
                Some("write a number that can be reached".into()),
            );
        }
        let node = self.planned.outline.push(parent, node);
        self.planned.origins.push(table.span.start);
        self.planned.trees.push(PlannedTree {
            node,
            interval: inherited.interval,
            at_once,
            labels,
        });
        node
    }

    /// The tables of a `source` key. A value that contains anything else is reported.
    fn tables(&mut self, value: Option<Spanned<DeValue<'t>>>) -> Option<Vec<Table<'t>>> {
        tables(self.report, "source", value)
    }

    fn children(
        &mut self,
        parent: Option<NodeId>,
        sources: Vec<Table<'t>>,
        level: usize,
        inherited: &Inherited,
    ) {
        if level > MAX_TREES {
            let help = Excess::Trees.help().into();
            self.report
                .error(sources[0].span.clone(), Excess::Trees.message(), Some(help));
            return;
        }
        let names =
            &mut SiblingNames::given(self.report, sources.iter().map(|source| &source.keys));
        for source in sources {
            if self.report.gives_up() {
                return;
            }
            let spot = SourcePosition {
                parent,
                level,
                names,
                inherited: inherited.clone(),
                open: None,
            };
            self.source(source, spot);
        }
    }

    fn source(&mut self, mut table: Table<'t>, spot: SourcePosition<'_>) {
        let Some(kind) = self.kind(&mut table.keys, &table.span) else {
            return;
        };
        let common = table.take(COMMON);
        let about = TableContext {
            place: "in a source",
            also: &[],
            elsewhere: &|_| None,
        };
        let keys: CommonKeys = common.read_what_can_be(self.report, &about);
        let mut inherited = spot.inherited.clone().with(
            self.report,
            &common,
            keys.interval,
            keys.timeout,
            keys.alert.as_ref(),
        );
        if let Some(urls) = &keys.reference {
            let (report, shared) = (&mut *self.report, &self.shared);
            inherited.group = self.reference_groups.own(report, &common, urls, shared);
        }
        if let Some(alert) = &keys.alert {
            not_of_one_source(self.report, &common, alert);
        }
        if let Some(weight) = keys.weight
            && !(weight.is_finite() && weight >= 0.0)
        {
            let message = format!("`weight` must be a number, not negative, but is {weight}");
            let help = "1 is the default; 0 leaves it out of its tree's mean";
            self.report
                .error(common.at("weight"), message, Some(help.into()));
        }
        inherited.tags = labels::tags(self.report, &common, keys.tags.as_deref(), &inherited.tags);
        let open = labels::open(self.report, &common, keys.open.as_ref());
        let mut spot = SourcePosition {
            inherited,
            open,
            ..spot
        };
        let node = if kind == Kind::TREE.0 {
            let named = common.keys.contains_key("name");
            Some(self.inner_tree(table, &keys, named, &spot))
        } else {
            self.leaf(kind, &table, &keys, &mut spot)
        };
        if let (Some(node), Some(paths)) = (node, keys.depends_on) {
            self.claims.push(Claim::of(node, paths, &common));
        }
    }

    fn inner_tree(
        &mut self,
        mut table: Table<'t>,
        common: &CommonKeys,
        named: bool,
        spot: &SourcePosition<'_>,
    ) -> NodeId {
        let sources = table.keys.remove("source");
        let about = TableContext {
            place: "in a tree",
            also: &[&["source"], COMMON].concat(),
            elsewhere: &schema::source_types_with,
        };
        let keys: TreeKeys = table.read_what_can_be(self.report, &about);
        if !named {
            self.report.error(
                table.span.clone(),
                "a tree needs a name",
                Some("add name = \"…\"".into()),
            );
        }
        let sources = self.tables(sources).unwrap_or_default();
        let mut node = Node::new(Kind::TREE, common.name.as_deref().unwrap_or(""));
        node.weight = common.weight.unwrap_or(1.0);
        if sources.is_empty() {
            let message = "this tree has no sources: it is always down";
            self.report.warn(table.span.start, message);
        }
        let count = sources.len();
        let settings = (&spot.inherited, spot.labels());
        let node = self.tree(spot.parent, node, (&table, &keys), count, settings);
        if !sources.is_empty() {
            self.children(Some(node), sources, spot.level + 1, &spot.inherited);
        }
        node
    }

    /// Plans a source that is checked. Returns `None` after a mistake, which was reported then.
    fn leaf(
        &mut self,
        kind: &'static str,
        table: &Table<'t>,
        common: &CommonKeys,
        spot: &mut SourcePosition<'_>,
    ) -> Option<NodeId> {
        let place = format!("in a source of type `{kind}`");
        let about = TableContext {
            place: &place,
            also: COMMON,
            elsewhere: &schema::source_types_with,
        };
        let config = table.read(self.report, &about, |keys| {
            SourceConfig::read(kind, keys).expect("a kind of the list is read by the list")
        });
        let config = config?;
        let built = match config.build(&self.shared) {
            Ok(built) => built,
            Err(problem) => {
                self.reader.take_seen();
                self.report
                    .error(table.at(&problem.place()), problem.message, problem.help);
                return None;
            }
        };
        let mut seen = self.reader.take_seen();
        seen.plain.retain(|text| config.is_secret(text));
        self.warn_of_secrets(table, &seen);
        let name: Box<str> = match &common.name {
            Some(name) => name.as_str().into(),
            None => spot.names.stand_in(&built.default_name),
        };
        let Inherited {
            interval,
            timeout,
            rules,
            group,
            ..
        } = spot.inherited;
        let mut node = Node::new(config.kind(), &name);
        node.weight = common.weight.unwrap_or(1.0);
        node.rules = rules;
        node.named = common.name.is_some() || !built.names_itself;
        let node = self.planned.outline.push(spot.parent, node);
        self.planned.origins.push(table.span.start);
        self.planned.probes.push(PlannedProbe {
            node,
            origin: Arc::clone(&self.planned.outline.node(node).path),
            interval,
            timeout,
            source: built.source,
            target: Arc::from(built.target),
            group: group.number,
            own_reference: group.own,
            fingerprint: fingerprint(kind, &table.keys),
            secrets: seen.hash(),
            labels: spot.labels(),
        });
        Some(node)
    }

    fn warn_of_secrets(&mut self, table: &Table<'_>, seen: &ReadSecrets) {
        if self.open_to_others
            && let Some(at) = table.secret(&seen.plain)
        {
            self.report.warn(at, OPEN_SECRET);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_keys_of_every_source_are_those_that_are_read() {
        let schema = crate::schema::parts().common;
        let read = schema["properties"].as_object().expect("it has keys");
        let read: Vec<&str> = read.keys().map(String::as_str).collect();
        assert_eq!(super::COMMON[1..], read);
    }
}
