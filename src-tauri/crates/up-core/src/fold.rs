//! The fold: how a tree's status is computed from its children's.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// The rule by which a tree's status is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The weighted mean of the children's statuses.
    #[default]
    Mean,
    /// The lowest status.
    Worst,
    /// The highest status.
    Best,
    /// Up when at least this many children are completely up; otherwise the share of this number
    /// that is.
    AtLeast(u32),
}

/// One child as the fold uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldedChild {
    /// The child's status; `None` for unknown and held children, which are left out.
    pub status: Option<Status>,
    /// The child's weight in a mean.
    pub weight: f64,
}

impl Policy {
    /// The tree's status. A tree without children is down (as in the first version of Up). A tree
    /// whose children are all unknown or held is unknown.
    pub fn fold(self, parts: impl IntoIterator<Item = FoldedChild>) -> Option<Status> {
        let mut children = 0_usize;
        let (mut known, mut up) = (0_usize, 0_usize);
        let (mut sum, mut weights) = (0.0, 0.0);
        let (mut worst, mut best) = (1.0_f64, 0.0_f64);
        for part in parts {
            children += 1;
            let Some(status) = part.status else { continue };
            known += 1;
            up += usize::from(status.is_up());
            sum += status.value() * part.weight;
            weights += part.weight;
            worst = worst.min(status.value());
            best = best.max(status.value());
        }
        if children == 0 {
            return Some(Status::DOWN);
        }
        if known == 0 {
            return None;
        }
        let value = match self {
            // If all children are up, the mean is exactly 1, without rounding errors from the
            // weights.
            Self::Mean if up == known => 1.0,
            Self::Mean if weights > 0.0 => (sum / weights).clamp(worst, best),
            Self::Mean => return None,
            Self::Worst => worst,
            Self::Best => best,
            Self::AtLeast(needed) => (up as f64 / f64::from(needed.max(1))).min(1.0),
        };
        Status::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: Policy, children: &[Option<f64>], expected: Option<f64>) {
        let parts = children.iter().map(|value| FoldedChild {
            status: value.and_then(Status::new),
            weight: 1.0,
        });
        assert_eq!(
            policy.fold(parts).map(Status::value),
            expected,
            "{policy:?} of {children:?}"
        );
    }

    #[test]
    fn policies() {
        let mixed = [Some(1.0), Some(0.5), Some(0.0), None];
        check(Policy::Mean, &mixed, Some(0.5));
        check(Policy::Worst, &mixed, Some(0.0));
        check(Policy::Best, &mixed, Some(1.0));
        check(Policy::AtLeast(1), &mixed, Some(1.0));
        check(Policy::AtLeast(2), &mixed, Some(0.5));
        check(Policy::Mean, &[Some(1.0); 10], Some(1.0));
    }

    #[test]
    fn no_children_is_down_and_nothing_known_is_unknown() {
        for policy in [
            Policy::Mean,
            Policy::Worst,
            Policy::Best,
            Policy::AtLeast(1),
        ] {
            check(policy, &[], Some(0.0));
            check(policy, &[None, None], None);
        }
    }

    #[test]
    fn weights_shift_the_mean() {
        let part = |value, weight| FoldedChild {
            status: Status::new(value),
            weight,
        };
        let folded = Policy::Mean.fold([part(1.0, 3.0), part(0.0, 1.0)]);
        assert_eq!(folded.map(Status::value), Some(0.75));
        assert_eq!(
            Policy::Mean.fold([part(0.0, 0.0)]),
            None,
            "weight 0 is left out"
        );
        let thirds = Policy::Mean.fold([part(1.0, 0.1), part(1.0, 0.2), part(1.0, 0.3)]);
        assert_eq!(thirds, Some(Status::UP), "all up is exactly up");
    }
}
