//! Queries about the metrics of a path.

use std::sync::Arc;

use up_history::{MetricSeries, Query, Store, StoreError};

/// The series of the metrics of a path, from the first store that has some: a `MongoDB` has none. A
/// store that failed is an error if no other one has any.
pub async fn ask_metrics(
    stores: &[Arc<dyn Store>],
    query: &Query,
) -> Result<Vec<MetricSeries>, StoreError> {
    let mut failed = None;
    for store in stores {
        match store.metrics(query.clone()).await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => return Ok(found),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or_else(|| Ok(Vec::new()), Err)
}

#[cfg(test)]
mod tests {
    use up_core::{Detail, Kind, Record, Sample, Status};
    use up_history::mongo::MongoStore;
    use up_history::{Embedded, StoreErrorCode};

    use super::*;
    use crate::history::failed::FailedStore;

    /// What a `MongoDB` cannot have is asked of the embedded history, whose failure is said.
    #[tokio::test]
    async fn metrics_come_from_the_store_that_keeps_them() {
        let dir = tempfile::tempdir().expect("a folder");
        let embedded = Embedded::open(dir.path()).expect("a history");
        let mut detail = Detail::new();
        detail.put("loss", 5.0);
        let record = Record {
            path: "/a".into(),
            kind: Kind("http"),
            sample: Sample {
                status: Some(Status::UP),
                date: 1_000.0,
                duration: 0.1,
                cause: None,
                detail,
            },
        };
        let kept = embedded.append(vec![Arc::new(record)]).await;
        kept.expect("kept");
        let mongo = || -> Arc<dyn Store> {
            Arc::new(MongoStore::open("mongodb://127.0.0.1:1", "up").expect("a target"))
        };
        let failed: Arc<dyn Store> = Arc::new(FailedStore(StoreError {
            name: "a history".into(),
            code: StoreErrorCode::Refused,
            message: "it is damaged".into(),
        }));
        let query = Query {
            path: "/a".into(),
            from: 0.0,
            to: 2_000.0,
            most: 10,
        };
        let ask = async |stores: &[Arc<dyn Store>]| {
            let found = ask_metrics(stores, &query).await;
            found.map(|found| found.len()).map_err(|e| e.to_string())
        };
        assert_eq!(ask(&[mongo(), Arc::new(embedded)]).await, Ok(1));
        assert_eq!(ask(&[mongo()]).await, Ok(0));
        let said = ask(&[mongo(), failed]).await;
        assert_eq!(said, Err("a history: it is damaged".into()));
    }
}
