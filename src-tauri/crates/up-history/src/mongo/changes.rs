//! What a fleet writes, as the server announces it: a change stream, which a replica set and a sharded
//! cluster have. A standalone server has none.

use std::time::Duration;

use bson::raw::RawDocument;
use bson::{Document, RawDocumentBuf, doc};
use mongodb::change_stream::ChangeStream;
use mongodb::error::{Error, ErrorKind};
use tokio::time::timeout;
use up_core::line::one_line;
use up_core::path::is_path;

use super::agents::LONGEST_AGENT;
use super::document::number;
use super::fleet::{FleetScope, path_text, text};
use super::store::MongoStore;
use super::{STATUSES, UNKNOWNS};

/// How long the server waits for a change before it answers that there was none.
const WAIT: Duration = Duration::from_secs(1);

/// A server that does not answer at all for so long is asked anew.
const SILENT: Duration = Duration::from_secs(30);

/// What a server answers that has no change streams, from `error_codes.yml` in its source.
const NO_CHANGE_STREAMS: i32 = 40_573;

/// How many change streams of one `MongoDB` are read at once. Each takes one of its few connections.
pub(super) const STREAMS: usize = 2;

/// A sample that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetChange {
    /// The agent. Empty if the document names none.
    pub agent: String,
    /// The path.
    pub path: String,
    /// The status; `None` for unknown.
    pub status: Option<f64>,
}

/// Why changes are not announced any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesEnd {
    /// The server has no change streams, or enough of them are read already.
    Unsupported,
    /// The stream broke, or was refused. The checks of the source say why.
    Failed,
}

impl MongoStore {
    /// Hands out what is written of a scope from now on, as long as the server announces it. Returns why
    /// it does not any more.
    pub async fn changes(
        &self,
        scope: &FleetScope,
        mut take: impl FnMut(FleetChange),
    ) -> ChangesEnd {
        let Ok(_place) = self.streams().try_acquire() else {
            return ChangesEnd::Unsupported;
        };
        let opened = self.query(async |reading| {
            let stream = reading
                .database
                .watch()
                .pipeline(pipeline(scope))
                .max_await_time(WAIT)
                .await;
            match stream {
                Ok(stream) => Ok(Some(stream.with_type::<RawDocumentBuf>())),
                Err(error) if has_none(&error) => Ok(None),
                Err(error) => Err(error),
            }
        });
        match opened.await {
            Err(_) => ChangesEnd::Failed,
            Ok(None) => ChangesEnd::Unsupported,
            Ok(Some(stream)) => {
                follow(stream, &mut take).await;
                ChangesEnd::Failed
            }
        }
    }
}

/// Follows a stream until it ends, breaks, or the server falls silent.
async fn follow(mut stream: ChangeStream<RawDocumentBuf>, take: &mut impl FnMut(FleetChange)) {
    while let Ok(Ok(event)) = timeout(SILENT, stream.next_if_any()).await {
        match event {
            Some(event) => {
                if let Some(change) = change(&event) {
                    take(change);
                }
                // A server that is never out of events must not keep the thread.
                tokio::task::yield_now().await;
            }
            None if !stream.is_alive() => return,
            None => {}
        }
    }
}

fn has_none(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(error) if error.code == NO_CHANGE_STREAMS)
}

/// The inserted samples of a scope, with no more of each than is needed.
fn pipeline(scope: &FleetScope) -> Vec<Document> {
    let mut wanted = doc! {
        "operationType": "insert",
        "ns.coll": { "$in": [STATUSES, UNKNOWNS] },
    };
    if !scope.agents.is_empty() {
        wanted.insert("fullDocument.agent", doc! { "$in": &scope.agents });
    }
    if let Some(path) = &scope.path {
        let below = doc! { "$gte": format!("{path}/"), "$lt": format!("{path}0") };
        let either = doc! { "$or": [
            { "fullDocument.path": path }, { "fullDocument.path": below },
        ] };
        wanted.extend(either);
    }
    vec![
        doc! { "$match": wanted },
        doc! { "$project": {
            "agent": text("$fullDocument.agent"),
            "path": path_text("$fullDocument.path"),
            "up": { "$cond": [{ "$isNumber": "$fullDocument.up" }, "$fullDocument.up", null] },
        } },
    ]
}

/// A sample of an event; `None` if its path is none.
pub(super) fn change(event: &RawDocument) -> Option<FleetChange> {
    let path = event.get_str("path").ok().filter(|path| is_path(path))?;
    let agent = event.get_str("agent").unwrap_or_default();
    Some(FleetChange {
        agent: one_line(agent, LONGEST_AGENT),
        path: path.to_owned(),
        status: number(event, "up").filter(|status| (0.0..=1.0).contains(status)),
    })
}
