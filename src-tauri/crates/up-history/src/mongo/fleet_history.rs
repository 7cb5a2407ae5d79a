//! The history of what a source of `type = "mongo"` shows. The path of a node names the agent and the
//! path that the agent wrote: `/Desk/Fleet/AGENT/Site/web` is the agent's `/Site/web`.

use std::sync::Arc;

use bson::doc;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryFutureExt as _};
use up_core::component::MAX_DEPTH;
use up_core::path::is_at_or_below;
use up_core::{Note, Timestamp};

use super::agent_overview::overview_by_agent;
use super::fleet::{FleetScope, at_or_below};
use super::paths::paths;
use super::store::MongoStore;
use crate::answer::{HistoryPart, PathOverview, SpanToCut};
use crate::sample::Query;
use crate::store::{
    BackgroundWork, IncidentPage, IncidentQuery, PathExtent, Series, Store, StoreError,
};

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// How samples without an agent are shown: those of the original.
pub const NO_AGENT: &str = "no agent";

/// What stands for a slash in the name of a node.
const SLASH: &str = "∕";

/// The history of all agents that a source shows.
pub struct FleetHistory {
    store: Arc<MongoStore>,
    scope: FleetScope,
    /// The path of the source.
    above: String,
}

impl FleetHistory {
    /// The history of what the source with the path `above` reads.
    pub fn new(store: Arc<MongoStore>, scope: FleetScope, above: &str) -> Self {
        Self {
            store,
            scope,
            above: above.to_owned(),
        }
    }

    /// The name of the `MongoDB`, for a person.
    pub fn name(&self) -> &str {
        self.store.name()
    }

    /// True of the path of the source, and of every path below it.
    pub fn covers(&self, path: &str) -> bool {
        is_at_or_below(path, &self.above)
    }

    /// The history of the agent that this path, or what it is below, shows; `None` for the source
    /// itself and what is not below it.
    pub fn agent(&self, path: &str) -> Option<AgentHistory> {
        let rest = path.strip_prefix(&self.above)?.strip_prefix('/')?;
        let shown = rest.split('/').next().filter(|name| !name.is_empty())?;
        let is_named = |name: &String| name == shown || name.replace('/', SLASH) == shown;
        let known = self.scope.agents.iter().find(|name| is_named(name));
        if known.is_none() && !self.scope.agents.is_empty() {
            return None;
        }
        let agent = match known {
            Some(name) => name.clone(),
            None if shown == NO_AGENT => String::new(),
            None => shown.replace(SLASH, "/"),
        };
        Some(AgentHistory {
            store: self.store.narrowed(&agent),
            above: format!("{}/{shown}", self.above),
        })
    }

    /// What a span comes to for every path of every agent, by the paths of the nodes, sorted.
    pub async fn overview(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PathOverview>, StoreError> {
        let paths = match &self.scope.path {
            Some(path) => at_or_below(path),
            None => doc! {},
        };
        let mut wanted = doc! {};
        if !self.scope.agents.is_empty() {
            wanted.insert("agent", doc! { "$in": &self.scope.agents });
        }
        let found = self
            .store
            .query(async |reading| overview_by_agent(&reading, (wanted, paths), (from, to)).await)
            .await?;
        let of_node = |((agent, path), found): ((String, String), PathOverview)| {
            let agent = if agent.is_empty() { NO_AGENT } else { &agent };
            let above = format!("{}/{}", self.above, agent.replace('/', SLASH));
            PathOverview {
                path: shown(&above, &path),
                ..found
            }
        };
        let mut paths: Vec<_> = found.into_iter().map(of_node).collect();
        paths.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(paths)
    }
}

/// The history of one agent, as a store whose paths are those of the nodes that show it.
pub struct AgentHistory {
    store: MongoStore,
    /// The path of the node of the agent.
    above: String,
}

impl AgentHistory {
    /// True if the agent itself may have written samples of this node: not of the node of the agent,
    /// nor of the one that says whether it is silent.
    pub fn has(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.above);
        let rest = rest.and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|rest| !rest.is_empty() && rest != super::AGENT_NODE)
    }

    /// The name of the agent, for a person.
    pub fn name_of_agent(&self) -> &str {
        let name = self.store.agent().unwrap_or_default();
        if name.is_empty() { NO_AGENT } else { name }
    }

    /// A note of this history as the agent itself has it.
    pub fn note_there(&self, note: Note) -> Note {
        let about = note.path.as_deref().map(|path| self.inner(path));
        note.about(about)
    }

    /// The paths of the nodes at or below this one of which the agent wrote samples, and perhaps
    /// further ones, of which other agents did.
    pub async fn paths_below(&self, path: &str) -> Result<Vec<String>, StoreError> {
        let wanted = if self.has(path) {
            at_or_below(&self.inner(path))
        } else {
            doc! {}
        };
        let found = self
            .store
            .query(async |reading| paths(&reading, wanted).await)
            .await?;
        let found = found.iter().map(|path| shown(&self.above, path));
        Ok(found.collect())
    }

    /// The agent's path of a node.
    fn inner(&self, path: &str) -> String {
        let rest = path.strip_prefix(&self.above).unwrap_or(path);
        // The last name of the deepest nodes stands for the rest of the path.
        match rest.match_indices('/').nth(MAX_DEPTH - 2) {
            Some((last, _)) => format!("{}{}", &rest[..last], rest[last..].replace(SLASH, "/")),
            None => rest.to_owned(),
        }
    }
}

/// The path of the node that shows a path, below the node of its agent.
fn shown(above: &str, path: &str) -> String {
    match path.match_indices('/').nth(MAX_DEPTH - 2) {
        Some((last, _)) => {
            let rest = path[last + 1..].replace('/', SLASH);
            format!("{above}{}/{rest}", &path[..last])
        }
        None => format!("{above}{path}"),
    }
}

impl Store for AgentHistory {
    fn name(&self) -> &str {
        self.store.name()
    }

    fn series(&self, query: Query) -> Answer<'_, Series> {
        let path = self.inner(&query.path);
        self.store.series(Query { path, ..query })
    }

    fn cut(&self, path: String, spans: Vec<SpanToCut>) -> Answer<'_, Vec<Vec<HistoryPart>>> {
        self.store.cut(self.inner(&path), spans)
    }

    fn overview(&self, from: Timestamp, to: Timestamp) -> Answer<'_, Vec<PathOverview>> {
        let found = self.store.overview(from, to);
        let found = found.map_ok(|mut found| {
            for one in &mut found {
                one.path = shown(&self.above, &one.path);
            }
            found
        });
        found.boxed()
    }

    fn incidents(&self, query: IncidentQuery) -> Answer<'_, IncidentPage> {
        let path = self.inner(&query.path);
        self.store.incidents(IncidentQuery { path, ..query })
    }

    fn extent(&self, path: String, span: (Timestamp, Timestamp)) -> Answer<'_, Option<PathExtent>> {
        let found = self.store.extent(self.inner(&path), span);
        found
            .map_ok(|found| Some(PathExtent { path, ..found? }))
            .boxed()
    }

    fn notes(&self, path: Option<String>, span: (Timestamp, Timestamp)) -> Answer<'_, Vec<Note>> {
        let inner = path
            .filter(|path| self.has(path))
            .map(|path| self.inner(&path));
        let of_node = |note: Note| {
            let about = note.path.as_deref().map(|path| shown(&self.above, path));
            note.about(about)
        };
        let found = self.store.notes(inner, span);
        found
            .map_ok(move |found| found.into_iter().map(of_node).collect())
            .boxed()
    }

    fn paths(&self) -> Answer<'_, Vec<String>> {
        let of_node = |path: String| shown(&self.above, &path);
        let found = self.store.paths();
        found
            .map_ok(move |found| found.into_iter().map(of_node).collect())
            .boxed()
    }

    fn extents(&self) -> Answer<'_, Vec<PathExtent>> {
        let found = self.store.extents();
        let found = found.map_ok(|mut found| {
            for one in &mut found {
                one.path = shown(&self.above, &one.path);
            }
            found
        });
        found.boxed()
    }

    fn background_work(&self) -> Answer<'_, Vec<BackgroundWork>> {
        self.store.background_work()
    }

    fn of_agent(&self, agent: &str) -> Option<Arc<dyn Store>> {
        let is_it = self.store.agent() == Some(agent);
        is_it.then(|| {
            let itself = Self {
                store: self.store.narrowed(agent),
                above: self.above.clone(),
            };
            Arc::new(itself) as Arc<dyn Store>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(agents: &[&str]) -> FleetHistory {
        let store = MongoStore::open("mongodb://localhost", "up").expect("a store");
        let scope = FleetScope {
            agents: agents.iter().map(|name| (*name).to_owned()).collect(),
            path: None,
        };
        FleetHistory::new(Arc::new(store), scope, "/Desk/Fleet")
    }

    #[test]
    fn a_node_names_its_agent_and_the_path_there() {
        let check = |path: &str, expected: Option<(&str, &str)>| {
            let agent = fleet(&[]).agent(path).filter(|agent| agent.has(path));
            let found = agent
                .as_ref()
                .and_then(|agent| Some((agent.store.agent()?, agent.inner(path))));
            let found = found.as_ref().map(|(agent, path)| (*agent, &**path));
            assert_eq!(found, expected, "{path}");
        };
        check("/Desk", None);
        check("/Desk/Fleet", None);
        check("/Desk/Fleet2/a/Site", None);
        check("/Desk/Fleet/a", None);
        check("/Desk/Fleet/a/agent", None);
        check("/Desk/Fleet/a/Site", Some(("a", "/Site")));
        check("/Desk/Fleet/a/Site/w∕x", Some(("a", "/Site/w∕x")));
        check("/Desk/Fleet/b∕1/R", Some(("b/1", "/R")));
        check("/Desk/Fleet/no agent/R", Some(("", "/R")));
        check(
            "/Desk/Fleet/a/1/2/3/4/5/6/7∕8",
            Some(("a", "/1/2/3/4/5/6/7/8")),
        );
    }

    #[test]
    fn only_agents_of_the_scope_have_a_history() {
        let fleet = fleet(&["a", "b/1"]);
        assert!(fleet.agent("/Desk/Fleet/c/R").is_none());
        let check = |path: &str, expected: &str| {
            let agent = fleet.agent(path);
            let name = agent.as_ref().and_then(|agent| agent.store.agent());
            assert_eq!(name, Some(expected));
        };
        check("/Desk/Fleet/a/R", "a");
        check("/Desk/Fleet/b∕1/R", "b/1");
    }

    #[test]
    fn a_deep_path_is_one_name_at_the_end() {
        let agent = fleet(&[]).agent("/Desk/Fleet/a").expect("an agent");
        for path in ["/R", "/1/2/3/4/5/6/7", "/1/2/3/4/5/6/7/8/9"] {
            let node = shown("/Desk/Fleet/a", path);
            assert!(node.matches('/').count() <= MAX_DEPTH + 2, "{node}");
            assert_eq!(agent.inner(&node), path);
        }
    }
}
