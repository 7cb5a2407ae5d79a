//! What a person may ask of the rollups of a `MongoDB`: how far they are, and to make them anew.

use std::time::Duration;

use mongodb::error::Result;
use tokio::time::sleep;

use super::indexes::MongoRetention;
use super::rollups::{
    MongoRollups, RollupBuilder, ask_again, count_again, days_below, read_status,
};
use super::store::MongoStore;
use crate::embedded::RollupProgress;
use crate::store::StoreError;

/// How long a step may take.
const STEP: Duration = Duration::from_mins(1);

/// The pause between two looks while another Up makes the rollups.
const LOOK: Duration = Duration::from_secs(1);

impl MongoStore {
    /// How far its rollups are; `None` if nobody made any.
    pub async fn rollups(&self) -> std::result::Result<Option<MongoRollups>, StoreError> {
        self.query(async |reading| read_status(&reading.database).await)
            .await
    }

    /// Makes the rollups of a path and of all below it anew, or all, as an agent of this name and
    /// retention. Queries are answered from the former ones meanwhile. Whoever makes rollups there goes
    /// on with it if it is broken off. A day of which samples were removed stays as it is.
    pub async fn rebuild(
        &self,
        (agent, keep): (&str, MongoRetention),
        path: Option<&str>,
        mut report: impl FnMut(RollupProgress),
    ) -> std::result::Result<(), StoreError> {
        let all = self
            .query_within(STEP, async |reading| {
                ask_again(&reading.database, days_below(path)).await?;
                // Others may have been asked for before.
                count_again(&reading.database).await
            })
            .await?;
        let mut builder = RollupBuilder::new(agent, keep.ours);
        let mut left = all;
        while left > 0 {
            let step = async |reading| -> Result<(bool, u64)> {
                let has_more = builder.step(&reading, 0).await?;
                Ok((has_more, count_again(&reading.database).await?))
            };
            let (is_mine, now) = self.query_within(STEP, step).await?;
            let is_stuck = now >= left;
            left = now;
            report(RollupProgress {
                done: all.saturating_sub(left),
                all,
            });
            if !is_mine || is_stuck {
                sleep(LOOK).await;
            }
        }
        Ok(())
    }
}
