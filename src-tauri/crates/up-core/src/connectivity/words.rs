//! The sentences about this machine's network.

use super::{ConnectivityGuard, OfflineReason, OwnHold};

impl ConnectivityGuard {
    /// What is wrong with this machine's network, one sentence each; empty when nothing is.
    pub fn troubles(&self) -> Vec<String> {
        let mut said = Vec::new();
        for (i, group) in self.groups.iter().enumerate() {
            let Some(why) = group.offline() else {
                continue;
            };
            let mine = |source: &&super::TrackedSource| {
                source.held
                    && source.guarded.group == Some(i)
                    && source.own_hold != Some(OwnHold::Name)
            };
            let count = self.sources.iter().filter(mine).count();
            // With no network beyond the local one, there is no trouble as long as all sources are
            // local.
            if count == 0 {
                continue;
            }
            said.push(sentence(why, i == 0, count));
        }
        let nameless = |source: &&super::TrackedSource| source.own_hold == Some(OwnHold::Name);
        let nameless = self.sources.iter().filter(nameless).count();
        if nameless > 0 && said.is_empty() {
            said.push(format!(
                "You are offline in part: names cannot be resolved, because this machine's resolver \
                 does not answer. {} until it does.",
                not_scored(nameless)
            ));
        }
        said
    }

    /// Grows when the result of [`ConnectivityGuard::troubles`] may have changed.
    pub const fn revision(&self) -> u64 {
        self.revision
    }
}

fn sentence(why: OfflineReason, is_first: bool, count: usize) -> String {
    let rest = not_scored(count);
    if !is_first && why != OfflineReason::NoRoute {
        let what = match why {
            OfflineReason::Portal => "is answered by someone else",
            OfflineReason::NoRoute | OfflineReason::Silent => "does not answer",
        };
        return format!(
            "Some sources are offline: the network they need is gone, because its reference \
             {what}. {rest} until it is back."
        );
    }
    let what = match why {
        OfflineReason::NoRoute => {
            "this machine has no network that leads further than the local ones"
        }
        OfflineReason::Silent => "no reference answers, and neither do several unrelated sources",
        OfflineReason::Portal => {
            "someone else answers in place of a reference, as a network does that requires a login"
        }
    };
    format!("You are offline: {what}. {rest} until that is over.")
}

fn not_scored(count: usize) -> String {
    match count {
        1 => "1 source is not scored".to_owned(),
        count => format!("{count} sources are not scored"),
    }
}
