//! The `MongoDB`s that are fed while the engine runs, and the telling of their troubles.

use std::sync::Arc;

use tokio::task::JoinHandle;
use up_config::PlannedSink;
use up_history::embedded::Embedded;
use up_history::mongo::{Feed, FeedState, MongoStore};
use up_history::{Store, StoreError};

use crate::troubles::Board;
use crate::view::TroubleKind;

/// One `MongoDB` that is fed, and the task that tells its troubles.
pub(crate) struct Fed {
    feed: Feed,
    store: Arc<dyn Store>,
    teller: JoinHandle<()>,
}

impl Fed {
    /// Starts feeding it; its troubles go on the board.
    pub(crate) fn start(
        embedded: &Embedded,
        uri: &str,
        database: &str,
        agent: &str,
        board: &Board,
    ) -> Result<Self, StoreError> {
        let feed = Feed::spawn(embedded.clone(), uri, database, agent)?;
        let store: Arc<dyn Store> = Arc::new(MongoStore::open(uri, database)?);
        let (who, board, mut state) = (store.name().to_owned(), board.clone(), feed.state());
        let teller = tokio::spawn(async move {
            while state.changed().await.is_ok() {
                let text = match &*state.borrow_and_update() {
                    FeedState::Trouble(text) => Some(text.clone()),
                    _ => None,
                };
                board.set(TroubleKind::Mongo, &who, text);
            }
        });
        Ok(Self {
            feed,
            store,
            teller,
        })
    }

    /// Where its history can be asked.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Ends the feeding; what is not acknowledged waits in the embedded store.
    pub(crate) fn stop(self) -> impl Future<Output = ()> + Send + 'static {
        // At once: what it still has to tell is not about the feeds of now.
        self.teller.abort();
        self.feed.stop()
    }
}

/// The URI and database of each mongo sink.
pub(crate) fn mongos(sinks: &[PlannedSink]) -> impl Iterator<Item = (&str, &str)> {
    sinks
        .iter()
        .filter_map(|sink| match (&sink.config, &sink.uri) {
            (up_sink::registry::SinkConfig::Mongo(config), Some(uri)) => {
                Some((uri.reveal(), config.database.as_str()))
            }
            _ => None,
        })
}
