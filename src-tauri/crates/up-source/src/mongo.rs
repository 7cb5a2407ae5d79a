//! `type = "mongo"`: what other agents wrote to a MongoDB, each agent as a tree.
//!
//! - `listen`: what the MongoDB announces between two checks
//! - `seen`: what is known of each agent and path between two checks, and which agents are silent
//! - `tree`: the components that are reported

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod listen;
mod seen;
mod tree;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use up_core::connectivity::{Proof, Reach};
use up_core::fold::Policy;
use up_core::path::is_path;
use up_core::{CauseCode, CheckResult, phrase};
use up_history::mongo::{FleetScope, MongoStore};
use up_history::{Store as _, StoreError, StoreErrorCode};

use seen::Seen;

use crate::secret::FileRef;
use crate::{
    Built, CheckContext, ConfigProblem, Configure, PolicyKey, Secret, SecretRef, Shared, Source,
};

/// Reads what other agents wrote to a MongoDB, and shows each agent as a tree of what it checks:
/// `/Root/Fleet/AGENT/PATH`. An agent is an Up with a `[[sink]]` of `type = "mongo"`, or the original
/// up, whose samples name no agent and are shown as `no agent`.
///
/// ```toml
/// [[source]]
/// type = "mongo"
/// name = "Fleet"
/// uri = "mongodb://localhost:27017"
/// ```
///
/// Each path has the status, cause and duration of its newest sample, and is judged by itself. It is
/// checked as often as its agent checks it: reading the same sample again does not count towards
/// `down_after`. A replica set and a sharded cluster announce what is written, and a change is shown
/// within a second or two, whatever `interval` is; a standalone server is only read at each check. A path
/// that its agent has not written for longer than three of its intervals, and
/// for 5 minutes, is unknown; an hour later it is left out. Samples are read from up to an hour ago,
/// and not if they are dated more than 5 minutes ahead.
///
/// An agent is silent if it has not written for longer than three of its intervals (at least 15
/// seconds; an Up also writes when no sample is due). Then `/Root/Fleet/AGENT/agent` is down, and all
/// else of this agent is held as unreachable, so that people are notified once. An agent is forgotten
/// a week after its last contact. The interval of an agent that is not an Up is what its samples show.
///
/// The source itself has the status of its agents together. It is unknown while the MongoDB cannot be
/// read. It shows at most 1000 sources and trees: for a larger fleet, write several sources with
/// `agents` or `path`. What it reads is in the MongoDB already, and is never copied to one. The history
/// of a path, in the panel and in `up history /Root/Fleet/AGENT/PATH`, is read from that MongoDB too.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FleetConfig {
    /// The URI of the server, with the user and password if it requires them:
    /// `"mongodb://localhost:27017"`, `{ env = "MONGO_URI" }`. The user needs no more than the role
    /// `read`.
    pub uri: SecretRef,
    /// The name of the database. Default: `"up"`.
    pub database: Option<String>,
    /// Only the agents with these names: `["berlin-1", "berlin-2"]`. One that has written nothing is
    /// shown as silent. Default: all.
    pub agents: Option<Vec<String>>,
    /// Only this path, and what is below it: `"/Office"`. Default: all.
    pub path: Option<String>,
    /// How the status of the source follows from those of the agents. Default: `"mean"`.
    pub policy: Option<PolicyKey>,
}

up_core::opaque_debug!(FleetConfig);

/// The `MongoDB`s of one plan. All sources of one URI and database share its connections.
#[derive(Default)]
pub(crate) struct MongoStores(Mutex<HashMap<(String, String), Arc<MongoStore>>>);

impl MongoStores {
    fn get(&self, uri: &str, database: &str) -> Result<Arc<MongoStore>, StoreError> {
        let mut stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (uri.to_owned(), database.to_owned());
        if let Some(store) = stores.get(&key) {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(MongoStore::open(uri, database)?);
        stores.insert(key, Arc::clone(&store));
        Ok(store)
    }
}

impl Configure for FleetConfig {
    fn build(&self, shared: &Shared<'_>) -> Result<Built, ConfigProblem> {
        let of_uri = |why: String| ConfigProblem::new("uri", why);
        let uri = shared.secrets.read(&self.uri).map_err(of_uri)?;
        let database = self.database.as_deref().unwrap_or("up");
        // A mistake in the database's name is reported at its own key.
        MongoStore::open("mongodb://localhost", database)
            .map_err(|error| ConfigProblem::new("database", error.message))?;
        let store = shared.mongo.get(uri.reveal(), database);
        let store = store.map_err(|error| of_uri(format!("this {}", error.message)))?;
        // The driver reads the certificate files by itself. They are read here too, so that a missing
        // file is reported, and a changed one makes Up check anew.
        for file in store.files() {
            let file = file.display().to_string();
            let file = SecretRef::File(FileRef { file });
            shared.secrets.read(&file).map_err(of_uri)?;
        }
        let target = store.name().to_owned();
        let source = FleetSource {
            reach: store
                .host()
                .map_or(Reach::Unknown, |host| Reach::to(host, Proof::Answer)),
            store,
            scope: self.scope()?,
            policy: self.policy.map(Into::into).unwrap_or_default(),
            seen: Mutex::default(),
            took: Mutex::default(),
        };
        Ok(Built {
            source: Arc::new(source),
            default_name: target
                .rsplit_once('/')
                .map_or("MongoDB", |(of, _)| of)
                .to_owned(),
            target,
            names_itself: false,
        })
    }

    /// A URI without credentials is no secret.
    fn is_secret(&self, text: &Secret) -> bool {
        text.reveal().contains('@') || text.reveal().contains("assword")
    }
}

impl FleetConfig {
    fn scope(&self) -> Result<FleetScope, ConfigProblem> {
        let agents = self.agents.clone().unwrap_or_default();
        if self.agents.is_some() && (agents.is_empty() || agents.iter().any(String::is_empty)) {
            let message = "the list has no agent, or an empty name";
            let help =
                "list names, like agents = [\"berlin-1\"], or leave the key out for all agents";
            return Err(ConfigProblem::new("agents", message).help(help));
        }
        let path = self.path.as_deref().map(|path| path.trim_end_matches('/'));
        if let Some(path) = path.filter(|path| !is_path(path)) {
            let message = format!("{path:?} is no path");
            let help = "a path begins with a slash: path = \"/Office\"";
            return Err(ConfigProblem::new("path", message).help(help));
        }
        let path = path.map(str::to_owned);
        Ok(FleetScope { agents, path })
    }
}

struct FleetSource {
    store: Arc<MongoStore>,
    reach: Reach,
    scope: FleetScope,
    policy: Policy,
    /// Only a check that has its answer locks it, never across an await.
    seen: Mutex<Seen>,
    /// How long the last check took.
    took: Mutex<Duration>,
}

up_core::opaque_debug!(FleetSource);

impl Source for FleetSource {
    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let window = self.seen().window();
            let asked = self.store.fleet(&self.scope, window);
            let start = Instant::now();
            let answer = timeout_at(context.deadline, asked).await;
            *self.took.lock().unwrap_or_else(PoisonError::into_inner) = start.elapsed();
            let mut seen = self.seen();
            match answer {
                Ok(Ok(report)) => {
                    seen.take(report, &self.scope);
                    tree::result(&mut seen, self.policy)
                }
                Ok(Err(error)) => {
                    seen.lose();
                    CheckResult::unknown(code(&error), error.to_string())
                }
                Err(_) => {
                    seen.lose();
                    let name = self.store.name();
                    let limit = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_default();
                    let text = format!("{name}: no answer within {limit}");
                    CheckResult::unknown(CauseCode::Timeout, text)
                }
            }
        })
    }

    fn listen<'a>(&'a self, news: &'a (dyn Fn() + Send + Sync)) -> Option<BoxFuture<'a, ()>> {
        Some(Box::pin(listen::listen(self, news)))
    }

    fn reach(&self) -> Reach {
        self.reach.clone()
    }

    fn fleet(&self) -> Option<(Arc<MongoStore>, FleetScope)> {
        Some((Arc::clone(&self.store), self.scope.clone()))
    }
}

impl FleetSource {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn code(error: &StoreError) -> CauseCode {
    match error.code {
        StoreErrorCode::Unavailable | StoreErrorCode::Closed => CauseCode::Timeout,
        StoreErrorCode::Refused => CauseCode::Credentials,
        StoreErrorCode::Format => CauseCode::Protocol,
    }
}

#[cfg(test)]
mod tests;
