//! Listens to the sources that learn of news between their checks.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use up_config::Plan;

/// A task for each source of a plan that listens. They end when this is dropped.
pub(crate) struct Listeners {
    _tasks: JoinSet<()>,
    news: mpsc::UnboundedReceiver<usize>,
}

impl Listeners {
    pub(crate) fn start(plan: &Plan) -> Self {
        // Unbounded, because each source bounds how often it has news.
        let (tell, news) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for (entry, probe) in plan.probes.iter().enumerate() {
            if probe.source.listen(&|| {}).is_none() {
                continue;
            }
            let (source, tell) = (Arc::clone(&probe.source), tell.clone());
            tasks.spawn(async move {
                let news = move || {
                    // It fails only after the receiver is gone, and this task ends with it.
                    let _ = tell.send(entry);
                };
                if let Some(listening) = source.listen(&news) {
                    listening.await;
                }
            });
        }
        Self {
            _tasks: tasks,
            news,
        }
    }

    /// The index of the next source that has news. Pending while none listens.
    pub(crate) async fn next(&mut self) -> usize {
        match self.news.recv().await {
            Some(entry) => entry,
            None => std::future::pending().await,
        }
    }
}
